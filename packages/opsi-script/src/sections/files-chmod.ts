import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { SyntaxProblem } from "../language/problems.ts";
import type { Context } from "../run/context.ts";
import { toText } from "../text/bytes.ts";

/** `chmod MODE path`; `below`: all files below the directory get the mode (sections §1). */
export function changeMode(context: Context, mode: string, path: string, below: boolean): void {
  const target = toText(path);
  const stat = statSync(target, { throwIfNoEntry: false });
  if (!stat) {
    context.error(`chmod: ${path} does not exist`);
    return;
  }
  if (!below) {
    chmodSync(target, newMode(mode, stat.mode & 0o7777));
    return;
  }
  if (!stat.isDirectory()) {
    context.error(`chmod: ${path} is no directory`);
    return;
  }
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    chmodSync(file, newMode(mode, statSync(file).mode & 0o7777));
  }
}

const bits: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };
const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

/** Octal, `-rwxr-xr--`, or letters of ugo, an operator, letters of rwx. */
function newMode(text: string, old: number): number {
  if (/^[0-7]{3,4}$/.test(text)) return Number.parseInt(text, 8);
  if (/^[-dl][-r][-w][-x][-r][-w][-x][-r][-w][-x]$/.test(text)) {
    return [...text.slice(1)].reduce((mode, letter) => mode * 2 + (letter === "-" ? 0 : 1), 0);
  }
  // one operator for the whole text, a minus goes first: so does the original, also with commas
  const operator = ["-", "+", "="].find((candidate) => text.includes(candidate));
  if (operator === undefined) throw new SyntaxProblem(`Unknown mode: ${text}`);
  const at = text.indexOf(operator);
  const who = text.slice(0, at).replaceAll("a", "ugo");
  const classes = [...(who === "" ? "ugo" : who)]
    .map((letter) => shifts[letter])
    .filter((shift) => shift !== undefined);
  const value = [...text.slice(at + 1)].reduce((sum, letter) => sum | (bits[letter] ?? 0), 0);
  return [...new Set(classes)].reduce((mode, shift) => {
    if (operator === "+") return mode | (value << shift);
    if (operator === "-") return mode & ~(value << shift);
    return (mode & ~(7 << shift)) | (value << shift);
  }, old);
}
