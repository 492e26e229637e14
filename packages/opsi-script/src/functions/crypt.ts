import { AbandonedExpression } from "../language/problems.ts";
import { decryptBlowfish, encryptBlowfish } from "./blowfish.ts";
import { builtin } from "./builtin.ts";

const text = [{ name: "text", type: "string" }] as const;

/** Blanks and line ends are skipped; anything else that is no base64 is an exception of the original. */
function decodeBase64(given: string): Buffer {
  const plain = given.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*=*$/.test(plain)) throw new AbandonedExpression("no base64");
  return Buffer.from(plain, "base64");
}

export const base64EncodeStr = builtin({
  name: "base64EncodeStr",
  parameters: text,
  returns: "string",
  doc: "The text's bytes in base64.",
  examples: [['base64EncodeStr("ab")', "YWI="]],
  run: (_context, given) => Buffer.from(given, "latin1").toString("base64"),
});

export const base64DecodeStr = builtin({
  name: "base64DecodeStr",
  parameters: text,
  returns: "string",
  doc: "The bytes of a base64 text.",
  examples: [['base64DecodeStr("YWI=")', "ab"]],
  run: (_context, given) => decodeBase64(given).toString("latin1"),
});

const keyAndText = [
  { name: "key", type: "string" },
  { name: "text", type: "string" },
] as const;

export const encryptStringBlow = builtin({
  name: "encryptStringBlow",
  parameters: keyAndText,
  returns: "string",
  doc: "The text, encrypted with Blowfish, in base64.",
  examples: [['encryptStringBlow("key","abc")', "xFsJ"]],
  run: (_context, key, given) => encryptBlowfish(key, Buffer.from(given, "latin1")).toString("base64"),
});

export const decryptStringBlow = builtin({
  name: "decryptStringBlow",
  parameters: keyAndText,
  returns: "string",
  doc: "The text that encryptStringBlow has encrypted.",
  examples: [['decryptStringBlow("key","xFsJ")', "abc"]],
  run: (_context, key, given) => decryptBlowfish(key, decodeBase64(given)).toString("latin1"),
});
