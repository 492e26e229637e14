import { SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import { equalIgnoringCase, splitIgnoringCase, trim, upperUnicode } from "../text/bytes.ts";
import { parseInteger } from "../text/numbers.ts";
import { builtin } from "./builtin.ts";
import { reencode } from "./strings.ts";

/** Searching in lists ignores the case, also of letters beyond ASCII; the empty text is found nowhere. */
const holdsText = (line: string, part: string) => part !== "" && upperUnicode(line).includes(upperUnicode(part));
const asList = (value: string | readonly string[]) => (typeof value === "string" ? [value] : value);

export const createStringList = builtin({
  name: "createStringList",
  parameters: [{ name: "elements", type: "string", repeated: true }],
  returns: "list",
  doc: "A list of the arguments.",
  examples: [
    ['createStringList("a", "b")', ["a", "b"]],
    ["createStringList()", []],
  ],
  run: (_context, ...elements) => elements,
});

export const splitString = builtin({
  name: "splitString",
  parameters: [
    { name: "text", type: "string" },
    { name: "delimiter", type: "string" },
  ],
  returns: "list",
  doc: "Parts of the text between delimiters. The delimiter's case is ignored; it is no regular expression.",
  examples: [
    ['splitString("a::b", "::")', ["a", "b"]],
    ['splitString("", ",")', [""]],
  ],
  run: (context, text, delimiter) => {
    const parts = splitIgnoringCase(text, delimiter);
    if (context.log.containsConfidential(text)) for (const part of parts) context.log.addConfidential(part);
    return parts;
  },
});

export const splitStringOnWhiteSpace = builtin({
  name: "splitStringOnWhiteSpace",
  parameters: [{ name: "text", type: "string" }],
  returns: "list",
  doc: "Parts of the text between runs of blanks and tabs.",
  examples: [
    ['splitStringOnWhiteSpace("a  b ")', ["a", "b"]],
    ['splitStringOnWhiteSpace("  a b")', ["", "a", "b"]],
  ],
  run: (context, text) => {
    const parts = text.replace(/[ \t\r\n]+$/, "").split(/[ \t\r\n]+/);
    if (context.log.containsConfidential(text)) for (const part of parts) context.log.addConfidential(part);
    return parts;
  },
});

export const stringSplit = builtin({
  name: "StringSplit",
  parameters: [
    { name: "text", type: "string" },
    { name: "delimiter", type: "string" },
    { name: "index", type: "string" },
  ],
  returns: "string",
  doc: "One part of the text between delimiters, counted from 0. Better: takeString and splitString.",
  examples: [['StringSplit("a,b,c",",","1")', "b"]],
  run: (context, text, delimiter, index) => {
    const number = parseInteger(index);
    const part = number === null ? undefined : splitIgnoringCase(text, delimiter)[number];
    if (part === undefined) context.warning(`StringSplit: no element ${index}`);
    return part ?? "";
  },
});

export const composeString = builtin({
  name: "composeString",
  parameters: [
    { name: "list", type: "list" },
    { name: "glue", type: "string" },
  ],
  returns: "string",
  doc: "The elements of a list with a text between them.",
  examples: [['composeString(createStringList("a","b"), "-")', "a-b"]],
  run: (_context, list, glue) => list.join(glue),
});

export const takeString = builtin({
  name: "takeString",
  parameters: [
    { name: "index", type: "index" },
    { name: "list", type: "list", optional: true },
  ],
  returns: "string",
  doc: "An element of a list, counted from 0; negative numbers count from the end.",
  examples: [
    ['takeString(1, createStringList("a","b"))', "b"],
    ['takeString("-1", createStringList("a","b"))', "b"],
  ],
  run: (context, index, list = []) => {
    const number = parseInteger(index);
    if (number === null) {
      context.log.write(level.error, `takeString: ${index} is no integer`);
      return "";
    }
    const element = list.at(number);
    if (element !== undefined || list.length === 0) return element ?? "";
    context.log.write(level.warning, `takeString: no element ${index} in a list of ${list.length}`);
    if (context.state.fatalOnRuntimeError) {
      context.state.fatal = true;
      context.state.progress = "Runtime Error";
    }
    return "";
  },
});

export const count = builtin({
  name: "count",
  parameters: [{ name: "list", type: "list" }],
  returns: "string",
  doc: "Number of elements.",
  examples: [['count(createStringList("a","b"))', "2"]],
  run: (_context, list) => String(list.length),
});

export const takeFirstStringContaining = builtin({
  name: "takeFirstStringContaining",
  parameters: [
    { name: "list", type: "list" },
    { name: "part", type: "string" },
  ],
  returns: "string",
  doc: "The first element that contains a text, ignoring the case.",
  examples: [['takeFirstStringContaining(createStringList("a","bb"),"B")', "bb"]],
  run: (_context, list, part) => list.find((line) => holdsText(line, part)) ?? "",
});

export const getIndexFromListByContaining = builtin({
  name: "getIndexFromListByContaining",
  parameters: [
    { name: "list", type: "list" },
    { name: "part", type: "string" },
  ],
  returns: "string",
  doc: "Index of the first element that contains a text, ignoring the case; empty when there is none.",
  examples: [['getIndexFromListByContaining(createStringList("a","bb"),"B")', "1"]],
  run: (_context, list, part) => {
    const index = list.findIndex((line) => holdsText(line, part));
    return index < 0 ? "" : String(index);
  },
});

export const getSubList = builtin({
  name: "getSubList",
  parameters: [
    { name: "range", type: "range" },
    { name: "list", type: "list" },
  ],
  returns: "list",
  doc: "The elements from start to end, both included; a negative end counts from the end of the list.",
  examples: [
    ['getSubList(1:, createStringList("a","b","c"))', ["b", "c"]],
    ['getSubList(:-2, createStringList("a","b","c"))', ["a", "b"]],
  ],
  run: (_context, [from, to], list) => {
    const start = from === null ? 0 : parseInteger(from);
    const end = to === null ? list.length - 1 : parseInteger(to);
    if (start === null || end === null) throw new SyntaxProblem("Integer expected");
    const last = end < 0 ? list.length + end : end;
    return list.slice(Math.max(start, 0), last + 1);
  },
});

export const getListContaining = builtin({
  name: "getListContaining",
  parameters: [
    { name: "list", type: "list" },
    { name: "part", type: "string" },
  ],
  returns: "list",
  doc: "All elements that contain a text, ignoring the case.",
  examples: [['getListContaining(createStringList("a","bb","ab"),"A")', ["a", "ab"]]],
  run: (_context, list, part) => list.filter((line) => holdsText(line, part)),
});

export const getSubListByContaining = builtin({
  name: "getSubListByContaining",
  parameters: [
    { name: "search", type: "stringOrList" },
    { name: "list", type: "list" },
  ],
  returns: "list",
  doc: "For each search text all elements that contain it, ignoring the case.",
  examples: [['getSubListByContaining("A", createStringList("a","bb","ab"))', ["a", "ab"]]],
  run: (_context, search, list) => asList(search).flatMap((part) => list.filter((line) => holdsText(line, part))),
});

export const getSubListByMatch = builtin({
  name: "getSubListByMatch",
  parameters: [
    { name: "search", type: "stringOrList" },
    { name: "list", type: "list" },
  ],
  returns: "list",
  doc: "Each search text once for every element that equals it, ignoring the case.",
  examples: [['getSubListByMatch("A", createStringList("a","b"))', ["A"]]],
  run: (_context, search, list) =>
    asList(search).flatMap((text) => list.filter((line) => equalIgnoringCase(line, text)).map(() => text)),
});

export const getSubListByKey = builtin({
  name: "getSubListByKey",
  parameters: [
    { name: "search", type: "stringOrList" },
    { name: "list", type: "list" },
  ],
  returns: "list",
  doc: "For each key all elements that begin with it and an equals sign, ignoring the case.",
  examples: [['getSubListByKey("K", createStringList("k=v","x=y"))', ["k=v"]]],
  run: (_context, search, list) =>
    asList(search).flatMap((key) =>
      key === ""
        ? []
        : list.filter((line) => line.includes("=") && equalIgnoringCase(line.slice(0, line.indexOf("=")), key)),
    ),
});

export const getListContainingList = builtin({
  name: "getListContainingList",
  parameters: [
    { name: "first", type: "list" },
    { name: "second", type: "list" },
  ],
  returns: "list",
  doc: "The elements of the first list that are in the second, once for each pair.",
  examples: [['getListContainingList(createStringList("a","b"), createStringList("b"))', ["b"]]],
  run: (_context, first, second) => first.flatMap((line) => second.filter((other) => other === line)),
});

export const removeFromListByContaining = builtin({
  name: "removeFromListByContaining",
  parameters: [
    { name: "search", type: "stringOrList" },
    { name: "list", type: "list" },
  ],
  returns: "list",
  doc: "The list without the elements that contain any of the search texts, ignoring the case.",
  examples: [['removeFromListByContaining("A", createStringList("a","b"))', ["b"]]],
  run: (_context, search, list) => list.filter((line) => !asList(search).some((part) => holdsText(line, part))),
});

export const removeFromListByMatch = builtin({
  name: "removeFromListByMatch",
  parameters: [
    { name: "search", type: "string" },
    { name: "list", type: "list" },
  ],
  returns: "list",
  doc: "The list without the elements that equal the text, ignoring the case.",
  examples: [['removeFromListByMatch("A", createStringList("a","ab"))', ["ab"]]],
  run: (_context, search, list) => list.filter((line) => !equalIgnoringCase(line, search)),
});

export const addToList = builtin({
  name: "addToList",
  parameters: [
    { name: "list", type: "list" },
    { name: "element", type: "string" },
  ],
  returns: "list",
  doc: "The list with one more element at its end.",
  examples: [['addToList(createStringList("a"), "b")', ["a", "b"]]],
  run: (_context, list, element) => [...list, element],
});

export const addListToList = builtin({
  name: "addListToList",
  parameters: [
    { name: "first", type: "list" },
    { name: "second", type: "list" },
  ],
  returns: "list",
  doc: "Both lists, one behind the other.",
  examples: [['addListToList(createStringList("a"), createStringList("b"))', ["a", "b"]]],
  run: (_context, first, second) => [...first, ...second],
});

export const reverse = builtin({
  name: "reverse",
  parameters: [{ name: "list", type: "list" }],
  returns: "list",
  doc: "The list in the opposite order.",
  examples: [['reverse(createStringList("a","b"))', ["b", "a"]]],
  run: (_context, list) => list.toReversed(),
});

export const emptyList = builtin({
  name: "emptyList",
  parameters: [{ name: "list", type: "list" }],
  returns: "list",
  doc: "An empty list.",
  examples: [['emptyList(createStringList("a"))', []]],
  run: () => [],
});

export const setStringInListAtIndex = builtin({
  name: "setStringInListAtIndex",
  parameters: [
    { name: "element", type: "string" },
    { name: "list", type: "list" },
    { name: "index", type: "string" },
  ],
  returns: "list",
  doc: "The list with another element at an index; behind its end the element is appended.",
  examples: [['setStringInListAtIndex("x", createStringList("a","b"), "0")', ["x", "b"]]],
  run: (context, element, list, index) => {
    const number = parseInteger(index);
    if (number === null || number < 0) {
      context.log.write(level.error, `setStringInListAtIndex: bad index ${index}`);
      return [];
    }
    return number >= list.length ? [...list, element] : list.with(number, element);
  },
});

export const replaceConstantsInList = builtin({
  name: "replaceOpsiConstants",
  parameters: [{ name: "list", type: "list" }],
  returns: "list",
  doc: "The list with all %constants% replaced in its elements.",
  examples: [],
  run: (context, list) => list.map((line) => context.constants.replace(line)),
});

export const reencodestrlist = builtin({
  name: "reencodestrlist",
  parameters: [
    { name: "list", type: "list" },
    { name: "from", type: "string" },
    { name: "to", type: "string" },
  ],
  returns: "list",
  doc: "The elements' bytes, read in one encoding and written in another.",
  examples: [['reencodestrlist(createStringList("a"),"utf8","cp1252")', ["a"]]],
  run: (_context, list, from, to) => list.map((line) => reencode(line, from, to)),
});

export const asConfidentialList = builtin({
  name: "asConfidential",
  parameters: [{ name: "list", type: "list" }],
  returns: "list",
  doc: "The list itself; from now on the log hides its elements.",
  examples: [['asConfidential(createStringList("secret"))', ["secret"]]],
  run: (context, list) => {
    for (const line of list) context.log.addConfidential(line);
    return list;
  },
});

export const areListsEqual = builtin({
  name: "areListsEqual",
  parameters: [
    { name: "first", type: "list" },
    { name: "second", type: "list" },
    { name: "flag", type: "string" },
  ],
  returns: "boolean",
  doc: "Whether two lists have the same elements in the same order: FLAG_AUTOMODE, FLAG_AUTO_CS or FLAG_STRING_CS.",
  examples: [
    ['areListsEqual(createStringList("a"), createStringList("A"), "FLAG_AUTOMODE")', true],
    ['areListsEqual(createStringList("a"), createStringList("A"), "FLAG_AUTO_CS")', false],
    ['areListsEqual(createStringList(), createStringList(), "FLAG_AUTOMODE")', false],
  ],
  run: (_context, first, second, flag) => {
    if (first.length === 0 || first.length !== second.length) return false;
    const mode = ["FLAG_AUTOMODE", "FLAG_AUTO_CS", "FLAG_STRING_CS"].find((known) => known === trim(flag));
    if (mode === undefined) return true;
    const isMap = mode !== "FLAG_STRING_CS" && first[0]?.includes("=");
    const comparable = (line: string) => (isMap ? line.replaceAll(" ", "") : line);
    return first.every((line, index) => {
      const left = comparable(line);
      const right = comparable(second[index] ?? "");
      return mode === "FLAG_AUTOMODE" ? equalIgnoringCase(left, right) : left === right;
    });
  },
});
