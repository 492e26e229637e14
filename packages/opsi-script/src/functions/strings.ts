import { level } from "../log/log.ts";
import { lowerAscii, replaceIgnoringCase, trim, upperAscii } from "../text/bytes.ts";
import { decode, encode, isKnownEncoding } from "../text/encodings.ts";
import { parseInteger } from "../text/numbers.ts";
import { builtin } from "./builtin.ts";

export const trimString = builtin({
  name: "trim",
  parameters: [{ name: "text", type: "string" }],
  returns: "string",
  doc: "The text without blanks and control characters at both ends.",
  examples: [['trim("  a b ")', "a b"]],
  run: (_context, text) => trim(text),
});

export const lower = builtin({
  name: "lower",
  parameters: [{ name: "text", type: "string" }],
  returns: "string",
  doc: "The text in lower case; only ASCII letters change.",
  examples: [['lower("Abc")', "abc"]],
  run: (_context, text) => lowerAscii(text),
});

export const upper = builtin({
  name: "upper",
  parameters: [{ name: "text", type: "string" }],
  returns: "string",
  doc: "The text in upper case; only ASCII letters change.",
  examples: [['upper("Abc")', "ABC"]],
  run: (_context, text) => upperAscii(text),
});

export const strLength = builtin({
  name: "strLength",
  parameters: [{ name: "text", type: "string" }],
  returns: "string",
  doc: "Number of bytes.",
  examples: [
    ['strLength("abc")', "3"],
    ['strLength("ä")', "2"],
  ],
  run: (_context, text) => String(text.length),
});

export const strPos = builtin({
  name: "strPos",
  parameters: [
    { name: "text", type: "string" },
    { name: "part", type: "string" },
  ],
  returns: "string",
  doc: "Position of the first occurrence in bytes, counted from 1; 0 when there is none. The case matters.",
  examples: [
    ['strPos("hello","l")', "3"],
    ['strPos("hello","L")', "0"],
  ],
  run: (_context, text, part) => String(part === "" ? 0 : text.indexOf(part) + 1),
});

export const strPart = builtin({
  name: "strPart",
  parameters: [
    { name: "text", type: "string" },
    { name: "start", type: "string" },
    { name: "count", type: "string" },
  ],
  returns: "string",
  doc: "A part of the text: start counted from 1, length in bytes.",
  examples: [
    ['strPart("abcdef","2","3")', "bcd"],
    ['strPart("abc","2","99")', "bc"],
  ],
  run: (context, text, start, count) => {
    const first = parseInteger(trim(start));
    const length = parseInteger(trim(count));
    if (first === null || length === null) {
      context.log.write(level.error, `strPart: ${first === null ? start : count} is no integer`);
      return "";
    }
    const from = Math.max(first, 1) - 1;
    return length < 0 ? "" : text.slice(from, from + length);
  },
});

export const stringReplace = builtin({
  name: "stringReplace",
  parameters: [
    { name: "text", type: "string" },
    { name: "old", type: "string" },
    { name: "new", type: "string" },
  ],
  returns: "string",
  doc: "Replaces all occurrences, ignoring the case.",
  examples: [['stringReplace("Cat cat","CAT","x")', "x x"]],
  run: (_context, text, old, replacement) => replaceIgnoringCase(text, old, replacement),
});

/** Text up to the closing quote at the start; a doubled quote is one (Pascal's dequoting). */
function dequote(text: string, quote: string): string {
  if (!text.startsWith(quote)) return text;
  let result = "";
  for (let position = 1; position < text.length; position++) {
    if (text[position] !== quote) result += text[position];
    else if (text[position + 1] === quote) {
      result += quote;
      position++;
    } else break;
  }
  return result;
}

export const unquote = builtin({
  name: "unquote",
  parameters: [
    { name: "text", type: "string" },
    { name: "quote", type: "string" },
  ],
  returns: "string",
  doc: "The quoted part at the start of the text; the text itself when it does not start with the quote character.",
  examples: [
    [`unquote("'b' c","'")`, "b"],
    ['unquote("[b]","[")', "b]"],
    [`unquote("''","'")`, "''"],
  ],
  run: (_context, text, quotes) => {
    const quote = trim(quotes)[0];
    if (quote === undefined) return "";
    return dequote(text, quote) || text;
  },
});

export const unquote2 = builtin({
  name: "unquote2",
  parameters: [
    { name: "text", type: "string" },
    { name: "quotes", type: "string" },
  ],
  returns: "string",
  doc: "Removes a pair of quote characters around the text: one character for both ends, or two.",
  examples: [
    ['unquote2("[b]","[]")', "b"],
    ['unquote2("[b","[]")', "[b"],
  ],
  run: (_context, text, quotes) => {
    const pair = trim(quotes);
    if (pair === "") return "";
    const [start = "", end = start] = pair;
    const inner = trim(text);
    if (pair.length > 2 || inner.length < 2 || inner[0] !== start || inner.at(-1) !== end) return text;
    return inner.slice(1, -1);
  },
});

export const substringBefore = builtin({
  name: "SubstringBefore",
  parameters: [
    { name: "text", type: "string" },
    { name: "suffix", type: "string" },
  ],
  returns: "string",
  doc: "What stands before a suffix; empty when the text does not end with it.",
  examples: [
    ['SubstringBefore("ab.ini",".ini")', "ab"],
    ['SubstringBefore("ab.ini",".")', ""],
  ],
  run: (_context, text, suffix) => (text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : ""),
});

export const regString = builtin({
  name: "RegString",
  parameters: [{ name: "text", type: "string" }],
  returns: "string",
  doc: "The text with every backslash doubled.",
  examples: [['RegString("c:\\a")', "c:\\\\a"]],
  run: (_context, text) => text.replaceAll("\\", "\\\\"),
});

/** Code pages to bytes and back: the result may be no valid UTF-8. */
export function reencode(text: string, from: string, to: string): string {
  const source = isKnownEncoding(from) ? from : "utf8";
  const target = isKnownEncoding(to) ? to : "utf8";
  return encode(decode(Buffer.from(text, "latin1"), source), target).toString("latin1");
}

export const reencodestr = builtin({
  name: "reencodestr",
  parameters: [
    { name: "text", type: "string" },
    { name: "from", type: "string" },
    { name: "to", type: "string" },
  ],
  returns: "string",
  doc: "The text's bytes, read in one encoding and written in another.",
  examples: [['strLength(reencodestr("ä","utf8","cp1252"))', "1"]],
  run: (_context, text, from, to) => reencode(text, from, to),
});

export const replaceConstants = builtin({
  name: "replaceOpsiConstants",
  parameters: [{ name: "text", type: "string" }],
  returns: "string",
  doc: "The text with all %constants% replaced; for texts from files and properties.",
  examples: [],
  run: (context, text) => context.constants.replace(text),
});

export const asConfidential = builtin({
  name: "asConfidential",
  parameters: [{ name: "text", type: "string" }],
  returns: "string",
  doc: "The text itself; from now on the log hides it.",
  examples: [['asConfidential("secret")', "secret"]],
  run: (context, text) => {
    context.log.addConfidential(text);
    return text;
  },
});

export const boolToString = builtin({
  name: "boolToString",
  parameters: [{ name: "value", type: "stringOrBoolean" }],
  returns: "string",
  doc: "True or False.",
  examples: [
    ['boolToString("a"="a")', "True"],
    ['boolToString("false")', "False"],
  ],
  run: (context, value) => {
    if (typeof value === "boolean") return value ? "True" : "False";
    return textIsTrue(value, (message) => context.log.write(level.error, message)) ? "True" : "False";
  },
});

/** `true`, or a number that is not 0; anything else but `false` is complained about. */
function textIsTrue(text: string, complain: (message: string) => void): boolean {
  const word = lowerAscii(trim(text));
  if (word === "true" || word === "false") return word === "true";
  const number = Number(word);
  if (word !== "" && !Number.isNaN(number)) return number !== 0;
  complain(`"${text}" is no valid boolean value`);
  return false;
}

export const stringToBool = builtin({
  name: "stringToBool",
  parameters: [{ name: "text", type: "string" }],
  returns: "boolean",
  doc: "True for `true` in any case and for numbers other than 0.",
  examples: [
    ['stringToBool("True")', true],
    ['stringToBool("0")', false],
  ],
  run: (context, text) => textIsTrue(text, (message) => context.log.write(level.error, message)),
});

export const contains = builtin({
  name: "contains",
  parameters: [
    { name: "text", type: "string" },
    { name: "part", type: "string" },
  ],
  returns: "boolean",
  doc: "Whether the part occurs in the text; the case matters.",
  examples: [
    ['contains("hello","ell")', true],
    ['contains("hello","ELL")', false],
  ],
  run: (_context, text, part) => part !== "" && text.includes(part),
});

export const isNumber = builtin({
  name: "isNumber",
  parameters: [{ name: "text", type: "string" }],
  returns: "boolean",
  doc: "Whether the text is an integer of 64 bits; leading blanks, a sign and hexadecimal forms are allowed.",
  examples: [
    ['isNumber("-5")', true],
    ['isNumber("0x1f")', true],
    ['isNumber("5.0")', false],
  ],
  run: (_context, text) => parseInteger(text) !== null,
});

export const isConfidential = builtin({
  name: "isConfidential",
  parameters: [{ name: "text", type: "string" }],
  returns: "boolean",
  doc: "Whether the log hides this text.",
  examples: [['isConfidential("x")', false]],
  run: (context, text) => context.log.isConfidential(text),
});
