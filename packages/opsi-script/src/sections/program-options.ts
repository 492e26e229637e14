import { Cursor, stops } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import type { Expression } from "../language/syntax.ts";
import type { RunOptions } from "../platform/processes.ts";
import { parseInteger } from "../text/numbers.ts";
import { readText } from "./section.ts";

/** What WinBatch, shell and ExecWith sections can be told about running their programs (sections §9). */
export interface ProgramOptions {
  letThemGo: boolean;
  waitSeconds: number;
  timeoutSeconds: number | null;
  waitForProcessEnding: string;
  /** Windows: titles of windows that have to be there, or to be gone again, instead of the end of the program. */
  waitForWindow: string;
  waitForWindowVanish: string;
  encoding: string;
  /** Windows: as programs of 32 bits see the system. */
  is32Bit: boolean;
  /** Windows: run with the script file before the program is. */
  hookScript: string;
}

type Evaluate = (expression: Expression) => string;

/** Modifiers that concern windows and accounts, or that the section itself has looked for. */
const withoutEffect: ReadonlySet<string> = new Set([
  "/escapestrings",
  "/waitonclose",
  "/showoutput",
  "/windowhide",
  "/runelevated",
  "/runasinvoker",
  "/runasloggedonuser",
  "/runasloggedonadmin",
  "/runasadmin",
  "/runasadmin1",
  "/runasadmin2",
  "/runasadmin3",
  "/runasadmin4",
]);

/** Before the word `winst` stands what the program gets, behind it how it is run. */
export function splitModifiers(text: string): { readonly before: string; readonly modifiers: string } {
  const winst = /(?:^|[ \t])winst(?:[ \t]|$)/i.exec(text);
  if (!winst) return { before: text, modifiers: "" };
  return { before: text.slice(0, winst.index), modifiers: text.slice(winst.index + winst[0].length) };
}

const initial = (): ProgramOptions => ({
  letThemGo: false,
  waitSeconds: 0,
  timeoutSeconds: null,
  waitForProcessEnding: "",
  waitForWindow: "",
  waitForWindowVanish: "",
  encoding: "system",
  is32Bit: true,
  hookScript: "",
});

/** @throws SyntaxProblem for an unknown modifier */
export function parseProgramOptions(text: string, evaluate: Evaluate): ProgramOptions {
  const options = initial();
  const cursor = new Cursor(text);
  while (!cursor.atEnd) {
    const word = cursor.word(stops.plain).toLowerCase();
    switch (word) {
      case "/letthemgo":
        options.letThemGo = true;
        break;
      case "/waitseconds":
        options.waitSeconds = readNumber(cursor, evaluate);
        break;
      case "/timeoutseconds":
        options.timeoutSeconds = readNumber(cursor, evaluate);
        break;
      case "/encoding":
        options.encoding = readText(cursor, evaluate);
        break;
      case "/waitforprocessending":
        options.waitForProcessEnding = readText(cursor, evaluate);
        break;
      case "/32bit":
      case "/64bit":
      case "/sysnative":
        options.is32Bit = word === "/32bit";
        break;
      case "/hookscript":
        options.hookScript = readText(cursor, evaluate);
        break;
      case "/waitforwindowappearing":
        options.waitForWindow = readText(cursor, evaluate);
        break;
      case "/waitforwindowvanish":
        options.waitForWindowVanish = readText(cursor, evaluate);
        break;
      default:
        if (!withoutEffect.has(word)) throw new SyntaxProblem(`"${word}" is no legal parameter`);
    }
  }
  return options;
}

function readNumber(cursor: Cursor, evaluate: Evaluate): number {
  const text = /^\d+/.test(cursor.rest) ? cursor.word(stops.plain) : readText(cursor, evaluate);
  const value = parseInteger(text);
  if (value === null) throw new SyntaxProblem(`Integer expected: ${text}`);
  return value;
}

/** For the platform: what of the options it has to know. */
export const runOptions = ({ letThemGo, timeoutSeconds }: ProgramOptions): RunOptions => ({
  detached: letThemGo,
  ...(timeoutSeconds === null ? {} : { timeoutSeconds }),
});
