import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { toBytes, toText, trim } from "../text/bytes.ts";
import { parseInteger } from "../text/numbers.ts";
import { builtin } from "./builtin.ts";
import {
  type Json,
  parseJson,
  pascalFloat,
  plainText,
  sortedMembers,
  writeCompact,
  writeSpaced,
} from "./json-value.ts";

function complain(context: Context, name: string, text: string): "" {
  context.log.write(level.error, `${name}: ${text}`);
  return "";
}

const asArray = (text: string) => {
  const value = parseJson(text);
  return value?.kind === "array" ? value.elements : null;
};

const asObject = (text: string) => {
  const value = parseJson(text);
  return value?.kind === "object" ? value.members : null;
};

const text = [{ name: "json", type: "string" }] as const;
const textAndIndex = [
  { name: "json", type: "string" },
  { name: "index", type: "string" },
] as const;
const textAndKey = [
  { name: "json", type: "string" },
  { name: "key", type: "string" },
] as const;
const textKeyAndValue = [
  { name: "json", type: "string" },
  { name: "key", type: "string" },
  { name: "value", type: "string" },
] as const;

export const jsonIsValid = builtin({
  name: "jsonIsValid",
  parameters: text,
  returns: "boolean",
  doc: "Whether the text can be read as JSON; single words and the empty text can.",
  examples: [
    ['jsonIsValid("abc")', true],
    ["jsonIsValid('{\"a\":1')", false],
  ],
  run: (_context, json) => trim(json) === "" || parseJson(json) !== null,
});

export const jsonIsArray = builtin({
  name: "jsonIsArray",
  parameters: text,
  returns: "boolean",
  doc: "Whether the text is a JSON array.",
  examples: [['jsonIsArray("[1,2]")', true]],
  run: (_context, json) => asArray(json) !== null,
});

export const jsonIsObject = builtin({
  name: "jsonIsObject",
  parameters: text,
  returns: "boolean",
  doc: "Whether the text is a JSON object.",
  examples: [["jsonIsObject('{\"a\":1}')", true]],
  run: (_context, json) => asObject(json) !== null,
});

export const jsonAsObjectHasKey = builtin({
  name: "jsonAsObjectHasKey",
  parameters: textAndKey,
  returns: "boolean",
  doc: "Whether the object has a member of this name.",
  examples: [['jsonAsObjectHasKey(\'{"a":1}\', "a")', true]],
  run: (_context, json, key) => asObject(json)?.has(toText(key)) === true,
});

export const jsonAsArrayCountElements = builtin({
  name: "jsonAsArrayCountElements",
  parameters: text,
  returns: "string",
  doc: "Number of elements of the array; -1 when it is none.",
  examples: [
    ['jsonAsArrayCountElements("[1,2]")', "2"],
    ['jsonAsArrayCountElements("x")', "-1"],
  ],
  run: (_context, json) => String(asArray(json)?.length ?? -1),
});

export const jsonAsObjectCountElements = builtin({
  name: "jsonAsObjectCountElements",
  parameters: text,
  returns: "string",
  doc: "Number of members of the object, or elements of the array; -1 when it is neither.",
  examples: [["jsonAsObjectCountElements('{\"a\":1}')", "1"]],
  run: (_context, json) => String(asObject(json)?.size ?? asArray(json)?.length ?? -1),
});

export const jsonAsArrayGetElementByIndex = builtin({
  name: "jsonAsArrayGetElementByIndex",
  parameters: textAndIndex,
  returns: "string",
  doc: "An element of the array: texts without quotes, others compact; empty when it is null or missing.",
  examples: [
    ['jsonAsArrayGetElementByIndex(\'["a",{"k":1}]\', "1")', '{"k":1}'],
    ['jsonAsArrayGetElementByIndex("[1]", "5")', ""],
  ],
  run: (context, json, index) => {
    const element = asArray(json)?.[parseInteger(index) ?? -1];
    return element ? plainText(element) : complain(context, "jsonAsArrayGetElementByIndex", `no element ${index}`);
  },
});

export const jsonAsArrayToStringList = builtin({
  name: "jsonAsArrayToStringList",
  parameters: text,
  returns: "list",
  doc: "The elements of the array.",
  examples: [["jsonAsArrayToStringList('[\"a\",1,null]')", ["a", "1", ""]]],
  run: (_context, json) => (asArray(json) ?? []).map((element) => plainText(element).replaceAll("\n", "\\n")),
});

export const jsonAsObjectGetKeyList = builtin({
  name: "jsonAsObjectGetKeyList",
  parameters: text,
  returns: "list",
  doc: "Names of the object's members.",
  examples: [["jsonAsObjectGetKeyList('{\"a\":1}')", ["a"]]],
  run: (_context, json) => sortedMembers(asObject(json) ?? new Map()).map(([key]) => toBytes(key)),
});

export const jsonAsObjectGetValueByKey = builtin({
  name: "jsonAsObjectGetValueByKey",
  parameters: textAndKey,
  returns: "string",
  doc: "A member of the object: texts without quotes, numbers with quotes, arrays and objects with blanks.",
  examples: [
    ['jsonAsObjectGetValueByKey(\'{"a":"b"}\', "a")', "b"],
    ['jsonAsObjectGetValueByKey(\'{"a":5}\', "a")', '"5"'],
  ],
  run: (context, json, key) => {
    const members = asObject(json);
    if (!members) return complain(context, "jsonAsObjectGetValueByKey", "no JSON object");
    const value = members.get(toText(key));
    if (!value) return "";
    if (value.kind === "string") return toBytes(value.value);
    if (value.kind === "integer") return `"${value.value}"`;
    if (value.kind === "float") return `"${pascalFloat(value.value)}"`;
    return toBytes(writeSpaced(value));
  },
});

/** Typed as written; floats become texts, as in the original. `null` for the word null and for broken JSON. */
function memberOf(given: string): Json | null {
  const value = parseJson(given) ?? { kind: "string", value: toText(given) };
  if (value.kind === "float") return { kind: "string", value: toText(trim(given)) };
  return value.kind === "null" ? null : value;
}

function setMember(context: Context, name: string, json: string, key: string, value: Json | null): string {
  const document = parseJson(json);
  if (!document || !value) return complain(context, name, value ? "no JSON" : "null cannot be set");
  if (document.kind !== "object") return toBytes(writeCompact(document));
  const members = new Map(document.members).set(toText(key), value);
  return toBytes(writeCompact({ kind: "object", members }));
}

export const jsonAsObjectSetValueByKey = builtin({
  name: "jsonAsObjectSetValueByKey",
  parameters: textKeyAndValue,
  returns: "string",
  doc: "The object with another value for a member, typed as written.",
  examples: [['jsonAsObjectSetValueByKey(\'{"a":1}\', "a", "2")', '{"a":2}']],
  run: (context, json, key, value) => setMember(context, "jsonAsObjectSetValueByKey", json, key, memberOf(value)),
});

export const jsonAsObjectAddKeyAndValue = builtin({
  name: "jsonAsObjectAddKeyAndValue",
  parameters: textKeyAndValue,
  returns: "string",
  doc: "The object with one more member, typed as written.",
  examples: [['jsonAsObjectAddKeyAndValue(\'{}\', "a", "text")', '{"a":"text"}']],
  run: (context, json, key, value) => setMember(context, "jsonAsObjectAddKeyAndValue", json, key, memberOf(value)),
});

export const jsonAsObjectSetStringtypeValueByKey = builtin({
  name: "jsonAsObjectSetStringtypeValueByKey",
  parameters: textKeyAndValue,
  returns: "string",
  doc: "The object with a text as the value of a member.",
  examples: [['jsonAsObjectSetStringtypeValueByKey(\'{"a":1}\', "a", "5")', '{"a":"5"}']],
  run: (context, json, key, value) => {
    if (!asObject(json)) return complain(context, "jsonAsObjectSetStringtypeValueByKey", "no JSON object");
    const member: Json = { kind: "string", value: toText(value) };
    return setMember(context, "jsonAsObjectSetStringtypeValueByKey", json, key, member);
  },
});

export const jsonAsObjectDeleteByKey = builtin({
  name: "jsonAsObjectDeleteByKey",
  parameters: textAndKey,
  returns: "string",
  doc: "The object without a member; empty when it has none of this name.",
  examples: [['jsonAsObjectDeleteByKey(\'{"a":1,"b":2}\', "a")', '{"b":2}']],
  run: (context, json, key) => {
    const members = new Map(asObject(json) ?? []);
    if (!members.delete(toText(key))) return complain(context, "jsonAsObjectDeleteByKey", `no member ${key}`);
    return toBytes(writeCompact({ kind: "object", members }));
  },
});

/** More nulls than this are not filled in. */
const largestGap = 100_000;

export const jsonAsArrayPutObjectByIndex = builtin({
  name: "jsonAsArrayPutObjectByIndex",
  parameters: [
    { name: "json", type: "string" },
    { name: "index", type: "string" },
    { name: "element", type: "string" },
  ],
  returns: "string",
  doc: "The array with another element at an index; gaps are filled with null.",
  examples: [['jsonAsArrayPutObjectByIndex("[1,2]", "3", "7")', "[1,2,null,7]"]],
  run: (context, json, index, given) => {
    const elements = asArray(json);
    const number = parseInteger(index);
    const element = parseJson(given);
    if (!elements || !element || number === null || number < 0 || number > elements.length + largestGap) {
      return complain(context, "jsonAsArrayPutObjectByIndex", "no array, no element, or a bad index");
    }
    const changed = [...elements];
    while (changed.length < number) changed.push({ kind: "null" });
    changed[number] = element;
    return toBytes(writeCompact({ kind: "array", elements: changed }));
  },
});

export const jsonAsArrayDeleteObjectByIndex = builtin({
  name: "jsonAsArrayDeleteObjectByIndex",
  parameters: textAndIndex,
  returns: "string",
  doc: "The array without an element.",
  examples: [['jsonAsArrayDeleteObjectByIndex("[1,2,3]", "0")', "[2,3]"]],
  run: (context, json, index) => {
    const elements = asArray(json);
    const number = parseInteger(index);
    if (!elements || number === null || number < 0) {
      return complain(context, "jsonAsArrayDeleteObjectByIndex", "no array, or a bad index");
    }
    return toBytes(writeCompact({ kind: "array", elements: elements.filter((_, position) => position !== number) }));
  },
});

export const jsonStringListToJsonArray = builtin({
  name: "jsonStringListToJsonArray",
  parameters: [{ name: "list", type: "list" }],
  returns: "string",
  doc: "A JSON array of the list's elements, typed as written.",
  examples: [
    ['jsonStringListToJsonArray(createStringList("a","1","true"))', '["a",1,true]'],
    ["jsonStringListToJsonArray(createStringList())", "[]"],
  ],
  run: (context, list) => {
    const elements = list.map((line) => parseJson(line));
    const known = elements.filter((element) => element !== null);
    if (known.length < list.length) return complain(context, "jsonStringListToJsonArray", "an element is no JSON");
    return toBytes(writeCompact({ kind: "array", elements: known }, true));
  },
});

export const convert2JsonStr = builtin({
  name: "Convert2JsonStr",
  parameters: [{ name: "text", type: "string" }],
  returns: "string",
  doc: "The text with quotes and backslashes escaped for JSON.",
  examples: [["Convert2JsonStr('a\"b')", 'a\\"b']],
  run: (_context, given) => toBytes(writeCompact({ kind: "string", value: toText(given) }).slice(1, -1)),
});
