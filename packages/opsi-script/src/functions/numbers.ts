import { randomBytes, randomInt } from "node:crypto";
import { SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import { trim, upperUnicode } from "../text/bytes.ts";
import {
  compareDotSeparatedNumbers,
  compareDotSeparatedStrings,
  orderOf,
  relationHolds,
} from "../text/compare-versions.ts";
import { parseInteger, parseInteger64 } from "../text/numbers.ts";
import { evaluateArithmetic } from "./arithmetic.ts";
import { builtin } from "./builtin.ts";

export const calculate = builtin({
  name: "calculate",
  parameters: [{ name: "formula", type: "string" }],
  returns: "string",
  doc: "Value of a formula with + - * / and parentheses, rounded to an integer, halves away from zero.",
  examples: [
    ['calculate("2+3*4")', "14"],
    ['calculate("7/2")', "4"],
    ['calculate("-7/2")', "-4"],
    ['calculate("1/0")', ""],
  ],
  run: (context, formula) => {
    const value = evaluateArithmetic(formula);
    if (value !== null) return value;
    context.log.write(level.error, `calculate: cannot evaluate "${formula}"`);
    return "";
  },
});

export const hexStrToDecStr = builtin({
  name: "HexStrToDecStr",
  parameters: [{ name: "text", type: "string" }],
  returns: "string",
  doc: "A hexadecimal number in decimal, as a signed integer of 32 bits; empty when it is none.",
  examples: [
    ['HexStrToDecStr("0x1F")', "31"],
    ['HexStrToDecStr("FFFFFFFF")', "-1"],
  ],
  run: (context, text) => {
    const digits = /^(?:0[xX]|\$)?([0-9a-fA-F]{1,16})$/.exec(trim(text))?.[1];
    if (digits !== undefined) return String(BigInt.asIntN(32, BigInt(`0x${digits}`)));
    context.log.write(level.error, `HexStrToDecStr: ${text} is no hexadecimal number`);
    return "";
  },
});

/** Numbers of characters beyond this are mistakes. */
const longest = 10_000;

export const decStrToHexStr = builtin({
  name: "DecStrToHexStr",
  parameters: [
    { name: "number", type: "string" },
    { name: "width", type: "string" },
  ],
  returns: "string",
  doc: "A decimal number as 32 bits in hexadecimal, filled with zeros to the width.",
  examples: [
    ['DecStrToHexStr("10","4")', "000A"],
    ['DecStrToHexStr("-1","2")', "FFFFFFFF"],
    ['strLength(DecStrToHexStr("1","9999999999"))', "10000"],
  ],
  run: (context, number, width) => {
    const value = parseInteger64(number);
    const digits = parseInteger(width);
    if (value === null || digits === null) {
      context.log.write(level.error, `DecStrToHexStr: ${value === null ? number : width} is no integer`);
      return "";
    }
    return BigInt.asUintN(32, value).toString(16).toUpperCase().padStart(Math.min(digits, longest), "0");
  },
});

export const compareStrings = builtin({
  name: "CompareStrings",
  parameters: [
    { name: "first", type: "string" },
    { name: "second", type: "string" },
  ],
  returns: "string",
  doc: "-1, 0 or 1: the order of two texts, ignoring the case.",
  examples: [['CompareStrings("a","B")', "-1"]],
  run: (_context, first, second) => String(orderOf(upperUnicode(first), upperUnicode(second))),
});

export const compareNumbers = builtin({
  name: "CompareNumbers",
  parameters: [
    { name: "first", type: "string" },
    { name: "second", type: "string" },
  ],
  returns: "string",
  doc: "-1, 0 or 1: the order of two integers; empty when one is none.",
  examples: [['CompareNumbers("10","9")', "1"]],
  run: (context, first, second) => {
    const left = parseInteger64(first);
    const right = parseInteger64(second);
    if (left === null || right === null) {
      context.error(`CompareNumbers: ${left === null ? first : second} is no integer`);
      return "";
    }
    return String(orderOf(left, right));
  },
});

const versions = [
  { name: "first", type: "string" },
  { name: "second", type: "string" },
] as const;
const relation = [
  { name: "first", type: "string" },
  { name: "operator", type: "string" },
  { name: "second", type: "string" },
] as const;
const operators: ReadonlySet<string> = new Set(["<", "<=", "=<", "=", ">=", "=>", ">"]);

export const compareNumbersOrder = builtin({
  name: "CompareDotSeparatedNumbers",
  parameters: versions,
  returns: "string",
  doc: "-1, 0 or 1: the order of two versions, element by element as numbers.",
  examples: [
    ['CompareDotSeparatedNumbers("1.10","1.9")', "1"],
    ['CompareDotSeparatedNumbers("4.2.2","4.2.00079")', "1"],
  ],
  run: (context, first, second) => {
    const order = compareDotSeparatedNumbers(first, second);
    if (order === null) context.error("CompareDotSeparatedNumbers: Missing value");
    return String(order ?? 0);
  },
});

export const compareStringsOrder = builtin({
  name: "CompareDotSeparatedStrings",
  parameters: versions,
  returns: "string",
  doc: "-1, 0 or 1: the order of two versions, element by element as texts.",
  examples: [['CompareDotSeparatedStrings("1.10","1.9")', "-1"]],
  run: (context, first, second) => {
    const order = compareDotSeparatedStrings(first, second);
    if (order === null) context.error("CompareDotSeparatedStrings: Missing value");
    return order === null ? "" : String(order);
  },
});

export const compareNumbersRelation = builtin({
  name: "CompareDotSeparatedNumbers",
  parameters: relation,
  returns: "boolean",
  doc: "Whether two versions stand in a relation, element by element as numbers.",
  examples: [['CompareDotSeparatedNumbers("1.2.10",">","1.2.9")', true]],
  run: (context, first, operator, second) => {
    if (!operators.has(trim(operator))) throw new SyntaxProblem(`Unknown operator: ${operator}`);
    const order = compareDotSeparatedNumbers(first, second);
    if (order === null) context.log.write(level.error, "CompareDotSeparatedNumbers: Missing value");
    return order !== null && relationHolds(order, trim(operator));
  },
});

export const compareStringsRelation = builtin({
  name: "CompareDotSeparatedStrings",
  parameters: relation,
  returns: "boolean",
  doc: "Whether two versions stand in a relation, element by element as texts.",
  examples: [['CompareDotSeparatedStrings("1.2.a","<","1.2.b")', true]],
  run: (_context, first, operator, second) => {
    if (!operators.has(trim(operator))) throw new SyntaxProblem(`Unknown operator: ${operator}`);
    const order = compareDotSeparatedStrings(first, second);
    if (order === null) throw new SyntaxProblem("Missing value");
    return relationHolds(order, trim(operator));
  },
});

const lowerLetters = "abcdefghijklmnopqrstuvwxyz";
const upperLetters = lowerLetters.toUpperCase();
const digitCharacters = "0123456789";
const specialCharacters = "!$()*+/;=?[]{}~";

function randomText(counts: readonly (readonly [characters: string, count: number])[]): string {
  const chosen = counts.flatMap(([characters, count]) =>
    Array.from({ length: Math.min(Math.max(count, 0), longest) }, () => characters[randomInt(characters.length)] ?? ""),
  );
  for (let index = chosen.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    [chosen[index], chosen[other]] = [chosen[other] ?? "", chosen[index] ?? ""];
  }
  return chosen.join("");
}

export const randomStr = builtin({
  name: "RandomStr",
  parameters: [],
  returns: "string",
  parentheses: true,
  doc: "Ten random characters: two lower, two upper case letters, four digits, two others.",
  examples: [],
  run: () =>
    randomText([
      [lowerLetters, 2],
      [upperLetters, 2],
      [digitCharacters, 4],
      [specialCharacters, 2],
    ]),
});

export const randomStrWithParameters = builtin({
  name: "randomStrWithParameters",
  parameters: [
    { name: "minimumLength", type: "string" },
    { name: "lower", type: "string" },
    { name: "upper", type: "string" },
    { name: "digits", type: "string" },
    { name: "special", type: "string" },
  ],
  returns: "string",
  doc: "Random characters, as many of each kind as asked for; filled with lower case letters to the minimum length.",
  examples: [['strLength(randomStrWithParameters("12","1","2","3","4"))', "12"]],
  run: (context, ...texts) => {
    const [least, small, large, digits, special] = texts.map((text) => parseInteger(trim(text)));
    if (least == null || small == null || large == null || digits == null || special == null) {
      context.log.write(level.error, `randomStrWithParameters: integers expected, not ${texts.join(", ")}`);
      return "";
    }
    const missing = Math.max(0, least - small - large - digits - special);
    return randomText([
      [lowerLetters, small + missing],
      [upperLetters, large],
      [digitCharacters, digits],
      [specialCharacters, special],
    ]);
  },
});

export const randomIntStr = builtin({
  name: "randomIntStr",
  parameters: [{ name: "limit", type: "string" }],
  returns: "string",
  doc: "A random integer from 0 up to, but not including, the limit.",
  examples: [
    ['randomIntStr("1")', "0"],
    ['randomIntStr("x")', ""],
  ],
  run: (context, limit) => {
    const value = parseInteger(limit);
    if (value !== null) return String(value > 0 ? randomInt(Math.min(value, 2 ** 47)) : 0);
    context.log.write(level.error, `randomIntStr: ${limit} is no integer`);
    return "";
  },
});

export const createNewOpsiHostKey = builtin({
  name: "createNewOpsiHostKey",
  parameters: [],
  returns: "string",
  parentheses: true,
  doc: "A new host key: 32 hexadecimal digits.",
  examples: [["strLength(createNewOpsiHostKey)", "32"]],
  run: () => randomBytes(16).toString("hex"),
});
