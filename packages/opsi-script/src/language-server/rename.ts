import { ErrorCodes, ResponseError, type TextEdit } from "vscode-languageserver/node";
import { libraryFolders } from "../check/check-files.ts";
import type { CheckResult } from "../check/check-script.ts";
import type { Place } from "../check/diagnostic.ts";
import type { ScriptSymbol } from "../check/symbols.ts";
import { findBuiltin } from "../functions/registry.ts";
import { stops } from "../language/lexer.ts";
import { lineKinds } from "../language/line-kinds.ts";
import { isReserved } from "../language/parser.ts";
import { sectionTypeOf } from "../language/section-types.ts";
import { lowerAscii, toBytes } from "../text/bytes.ts";
import { placesOf } from "./find-symbol.ts";
import { rangeOfPlace } from "./positions.ts";
import { uriOf } from "./workspace.ts";

const refuse = (message: string) => new ResponseError(ErrorCodes.InvalidParams, message);

/**
 * All changes that give a name another spelling, by file. String variables are replaced as text in sections of other
 * kinds, so their names are changed there, too (language §1.7).
 *
 * @throws ResponseError when the new name cannot be one, is in use, or the old one is replaced as text everywhere or not the script's
 */
export function rename(result: CheckResult, symbol: ScriptSymbol, typed: string): Record<string, TextEdit[]> {
  const name = toBytes(typed.trim());
  checkName(result, symbol, name);
  const places = [...placesOf(symbol), ...(symbol.kind === "string" ? placesInContent(result, symbol) : [])];
  const edits = Map.groupBy(places, ({ line }) => uriOf(line.file));
  return Object.fromEntries(
    [...edits].map(([uri, inFile]) => [
      uri,
      inFile.map((place) => ({ range: rangeOfPlace(place), newText: typed.trim() })),
    ]),
  );
}

function checkName(result: CheckResult, symbol: ScriptSymbol, name: string): void {
  if (symbol.isLoop) throw refuse("A loop variable is replaced as text: rename it by hand");
  const { file } = symbol.definition.line;
  if (libraryFolders.some((folder) => file.startsWith(`${folder}/`)))
    throw refuse("This comes with the interpreter, and other scripts use it");
  if (
    name === "" ||
    (symbol.kind !== "section" && [...name].some((letter) => stops.name.has(letter) || letter === ":"))
  ) {
    throw refuse("This cannot be a name");
  }
  const key = lowerAscii(name);
  if (symbol.kind === "section") {
    if (/[\][\r\n\t ]/.test(name)) throw refuse("This cannot be the name of a section");
    if (sectionTypeOf(key) !== sectionTypeOf(symbol.name)) throw refuse("The name of a section begins with its type");
  } else if (isReserved(name) || findBuiltin(key)) throw refuse("The language has something of this name");
  const isTaken = result.symbols.some((other) => other !== symbol && lowerAscii(other.name) === key);
  if (isTaken) throw refuse("There is something of this name already");
}

function placesInContent(result: CheckResult, { name }: ScriptSymbol): Place[] {
  const wanted = lowerAscii(name);
  const places: Place[] = [];
  for (const { lines } of result.files.values()) {
    const kinds = lineKinds(lines.map(({ text }) => text));
    for (const [index, line] of lines.entries()) {
      if (kinds[index] !== "content") continue;
      const text = lowerAscii(line.text);
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
        places.push({ line, start: at, end: at + wanted.length });
      }
    }
  }
  return places;
}
