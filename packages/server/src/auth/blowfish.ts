import { OpsiError } from "@opsi-ts/model";
import { Blowfish } from "egoroof-blowfish";

/*
 * How opsi has always passed passwords between servers, clients and files: Blowfish in CBC mode under the key of a
 * host. It hides them from those who do not have that key and does no more. (methods 8)
 */

const initializationVector = Buffer.from("OPSI1234");
const blockSize = 8;

/** @throws ValueError where the host has no key */
function cipher(hostKey: string): Blowfish {
  const key = Buffer.from(hostKey, "hex");
  if (key.length === 0) throw new OpsiError("ValueError", "Missing key");
  const blowfish = new Blowfish(key, Blowfish.MODE.CBC, Blowfish.PADDING.NULL);
  blowfish.setIv(initializationVector);
  return blowfish;
}

/** A text under the key of a host as hexadecimal digits. */
export function encryptText(hostKey: string, text: string): string {
  const blowfish = cipher(hostKey);
  const bytes = Buffer.from(text);
  const padded = Buffer.alloc(Math.ceil(bytes.length / blockSize) * blockSize);
  bytes.copy(padded);
  return padded.length === 0 ? "" : Buffer.from(blowfish.encode(padded)).toString("hex");
}

/** @throws ValueError for what was not encrypted with this key */
export function decryptText(hostKey: string, encrypted: string): string {
  const blowfish = cipher(hostKey);
  const bytes = Buffer.from(encrypted, "hex");
  const whole = /^([0-9a-f]{2})*$/i.test(encrypted) && bytes.length % blockSize === 0;
  try {
    if (!whole) throw new Error("not a number of whole blocks");
    if (bytes.length === 0) return "";
    const text = new TextDecoder("utf-8", { fatal: true }).decode(blowfish.decode(bytes, Blowfish.TYPE.UINT8_ARRAY));
    return text.replace(/\0+$/, "");
  } catch (error) {
    throw new OpsiError("ValueError", "Failed to decrypt: wrong key or damaged text", { cause: error });
  }
}
