import { createHmac } from "node:crypto";

/** Attributes that are never recorded in clear, whatever object has them. */
const secretAttributes = new Set(["opsiHostKey", "oneTimePassword", "otpSecret", "licenseKey"]);

export const isSecretAttribute = (attribute: string) => secretAttributes.has(attribute);

/** Configs and product properties whose values are secrets go by their names: nothing else tells them. */
const secretName = /pass(w|phrase)|pwd|secret|token|credential|(api|license|product|private|host)[-_.]?key/i;

export const isSecretName = (name: string) => secretName.test(name);

/**
 * Stands for a secret: the same as long as the secret is the same, of no use for finding it out without the key. The
 * same secret of two objects looks different.
 */
export function secretDigest(key: Uint8Array, ident: string, attribute: string, value: string): string {
  const digest = createHmac("sha256", key)
    .update(JSON.stringify(["secret", ident, attribute, value]))
    .digest("hex");
  return `secret:${digest.slice(0, 20)}`;
}
