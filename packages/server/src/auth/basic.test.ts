import fc from "fast-check";
import { expect, test } from "vitest";
import { parseBasic } from "./basic.ts";
import { Refusal } from "./refusal.ts";

const header = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

test.each<[what: string, text: string, username: string, password: string]>([
  ["split at the first colon", "user:pass:word", "user", "pass:word"],
  ["a hardware address as name: split at the last of six colons", "52:54:00:AA:bb:01:key", "52:54:00:aa:bb:01", "key"],
  ["seven colons are split at the first", "52:54:00:aa:bb:01:x:key", "52", "54:00:aa:bb:01:x:key"],
  ["names in lower case, passwords as they are", "PC1.Example.ORG:Key", "pc1.example.org", "Key"],
  ["blanks are part of both", " user : pass ", " user ", " pass "],
  ["umlauts are UTF-8", "jürgen:größe", "jürgen", "größe"],
  ["both may be empty", ":", "", ""],
])("%s", (_what, text, username, password) => {
  expect(parseBasic(header(text))).toEqual({ username, password });
});

test.each([
  ["Bearer abc", "Authorization method unsupported"],
  ["basic dXNlcjpwYXNz", "Authorization method unsupported"],
  ["Basic ####", "Authentication error"],
  [header("no colon"), "Authentication error"],
  [`Basic ${Buffer.from([0x75, 0x3a, 0xff]).toString("base64")}`, "Authentication error"],
])("%s is refused", (value, text) => {
  expect(() => parseBasic(value)).toThrow(text);
});

test("whatever was encoded is found again, up to the case of the name", () => {
  const name = fc.string({ unit: "grapheme" }).filter((text) => !text.includes(":"));
  const password = fc.string({ unit: "grapheme" }).filter((text) => !text.includes(":"));
  fc.assert(
    fc.property(name, password, (username, secret) => {
      expect(parseBasic(header(`${username}:${secret}`))).toEqual({
        username: username.toLowerCase(),
        password: secret,
      });
    }),
  );
});

test("whatever arrives: credentials or a refusal", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String().map((text) => `Basic ${text}`),
      ),
      (value) => {
        try {
          parseBasic(value);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      },
    ),
  );
});
