/** A new secret of a host: 32 random hexadecimal digits. (objects §1.5) */
export function generateHostKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex");
}
