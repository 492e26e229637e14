import type { CheckResult } from "../check/check-script.ts";
import type { Place } from "../check/diagnostic.ts";
import type { ScriptSymbol } from "../check/symbols.ts";

/** Definition and uses, each place once: a section that is called from several places was looked at several times. */
export function placesOf({ definition, uses }: ScriptSymbol): Place[] {
  const places = new Map<string, Place>();
  for (const place of [definition, ...uses]) places.set(`${place.line.file}:${place.line.line}:${place.start}`, place);
  return [...places.values()];
}

/** What the name at a place means; `undefined` where it is none that the script defines. */
export function symbolAt(result: CheckResult, path: string, line: number, at: number): ScriptSymbol | undefined {
  const isHere = ({ line: { file, line: number }, start, end }: Place) =>
    number === line && file === path && start <= at && at <= end;
  return result.symbols.find((symbol) => isHere(symbol.definition) || symbol.uses.some(isHere));
}
