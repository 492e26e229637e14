import { readLines } from "../files/file-content.ts";
import { reasonOf } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { equalIgnoringCase, trim } from "../text/bytes.ts";
import { builtin } from "./builtin.ts";

/** Key and value around the first separator; `null` when the line has none. */
function pair(line: string, separator: string): readonly [key: string, value: string] | null {
  const at = line.indexOf(separator);
  return at < 0 ? null : [line.slice(0, at), line.slice(at + separator.length)];
}

/**
 * The value of a key: of the first line with exactly this key, else of the last one whose key has blanks around it.
 */
function lookUp(key: string, separator: string, list: readonly string[]): string | null {
  let withBlanks: string | null = null;
  for (const line of list) {
    const found = pair(line, separator);
    if (!found) continue;
    if (equalIgnoringCase(found[0], key)) return trim(found[1]);
    if (equalIgnoringCase(trim(found[0]), key)) withBlanks = trim(found[1]);
  }
  return withBlanks;
}

const firstCharacter = (separator: string) => trim(separator)[0] ?? "=";

export const getKeyList = builtin({
  name: "getKeyList",
  parameters: [{ name: "list", type: "list" }],
  returns: "list",
  doc: "The keys of key=value elements.",
  examples: [
    ['getKeyList(createStringList("k=v"))', ["k"]],
    ['getKeyList(createStringList("word"))', ["wor"]],
  ],
  // an element without equals sign loses its last character, as in the original
  run: (_context, list) => list.map((line) => pair(line, "=")?.[0] ?? line.slice(0, -1)),
});

export const getValue = builtin({
  name: "getValue",
  parameters: [
    { name: "key", type: "string" },
    { name: "list", type: "list" },
  ],
  returns: "string",
  doc: "The value of a key in a list of key=value elements; the text NULL when it is missing.",
  examples: [
    ['getValue("K", createStringList("k=v"))', "v"],
    ['getValue("x", createStringList("k=v"))', "NULL"],
  ],
  run: (_context, key, list) => lookUp(key, "=", list) ?? "NULL",
});

export const getValueBySeparator = builtin({
  name: "getValueBySeparator",
  parameters: [
    { name: "key", type: "string" },
    { name: "separator", type: "string" },
    { name: "list", type: "list" },
  ],
  returns: "string",
  doc: "The value of a key in a list of elements with another separator.",
  examples: [['getValueBySeparator("k", ":", createStringList("k:v"))', "v"]],
  run: (_context, key, separator, list) => lookUp(key, firstCharacter(separator), list) ?? "NULL",
});

function valueFromFile(context: Context, key: string, separator: string, file: string): string {
  try {
    const lines = readLines(file, "system");
    return lookUp(key, separator, lines) ?? "";
  } catch (error) {
    context.error(`getValueFromFile: ${file}: ${reasonOf(error)}`);
    return "";
  }
}

export const getValueFromFile = builtin({
  name: "getValueFromFile",
  parameters: [
    { name: "key", type: "string" },
    { name: "file", type: "string" },
  ],
  returns: "string",
  doc: "The value of a key in a file of key=value lines.",
  examples: [],
  run: (context, key, file) => valueFromFile(context, key, "=", file),
});

export const getValueFromFileBySeparator = builtin({
  name: "getValueFromFileBySeparator",
  parameters: [
    { name: "key", type: "string" },
    { name: "separator", type: "string" },
    { name: "file", type: "string" },
  ],
  returns: "string",
  doc: "The value of a key in a file with another separator.",
  examples: [],
  run: (context, key, separator, file) => valueFromFile(context, key, firstCharacter(separator), file),
});

export const setValueByKey = builtin({
  name: "setValueByKey",
  parameters: [
    { name: "key", type: "string" },
    { name: "value", type: "string" },
    { name: "list", type: "list" },
    { name: "separator", type: "string", optional: true },
  ],
  returns: "list",
  doc: "The list with another value for a key; a missing key is appended.",
  examples: [
    ['setValueByKey("k", "2", createStringList("k=1"))', ["k=2"]],
    ['setValueByKey("n", "1", createStringList("k=1"))', ["k=1", "n=1"]],
  ],
  run: (context, key, value, list, separator = "=") => {
    if (separator.length !== 1) {
      context.log.write(level.error, `setValueByKey: the separator must be one character, not "${separator}"`);
      return list;
    }
    const index = list.findIndex(
      (line) => equalIgnoringCase(pair(line, separator)?.[0] ?? "", key) && line.includes(separator),
    );
    const entry = `${key}${separator}${value}`;
    return index < 0 ? [...list, entry] : list.with(index, entry);
  },
});
