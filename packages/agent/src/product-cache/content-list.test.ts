import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readContentList } from "./content-list.ts";

const md5 = "92eb5ffee6ae2fec3ad71c777531578f";

test("folders that the list does not name are there", () => {
  expect([...readContentList(`f 'a/b/it\\'s.txt' 12 ${md5}`).keys()].sort()).toEqual(["a", "a/b", "a/b/it's.txt"]);
});

test.each([
  `f '../../etc/passwd' 1 ${md5}`,
  `f '/etc/passwd' 1 ${md5}`,
  "d 'a/../b' 0 ",
  "d 'c:/windows' 0 ",
  "d '' 0 ",
  "d 'a' 0 \nd 'a' 0 ",
  `f 'a' 1 ${md5}\nf 'a/b' 1 ${md5}`,
  `l 'a' 0 '/etc'\nf 'a/b' 1 ${md5}`,
  "<html>Not found</html>",
])("refused: %s", (text) => {
  expect(() => readContentList(text)).toThrow();
});

test("whatever the text: paths inside or a typed error", () => {
  const lines = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.string({ maxLength: 40 }).map((text) => `f '${text}' 3 ${md5}`),
  );
  fc.assert(
    fc.property(lines, (text) => {
      try {
        for (const path of readContentList(text).keys()) expect(path.split("/")).not.toContain("..");
      } catch (error) {
        if (!isOpsiError(error)) throw error;
      }
    }),
  );
});
