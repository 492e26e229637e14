import type { CheckResult } from "../check/check-script.ts";
import type { Place } from "../check/diagnostic.ts";
import type { ScriptSymbol } from "../check/symbols.ts";

/** Definition and uses, each place once: a section that is called from several places was looked at several times. */
export function placesOf({ definition, uses }: ScriptSymbol): Place[] {
  const places = new Map<string, Place>();
  for (const place of [definition, ...uses]) places.set(`${place.line.file}:${place.line.line}:${place.start}`, place);
  return [...places.values()];
}

/** A position in a file: the line counts from 1, `at` is a byte of it. */
export interface Here {
  readonly path: string;
  readonly line: number;
  readonly at: number;
}

const contains = ({ line: { file, line: number }, start, end }: Place, { path, line, at }: Here) =>
  number === line && file === path && start <= at && at <= end;

/** What the name at a place means; `undefined` where it is none that the script defines. */
export const symbolAt = ({ symbols }: CheckResult, here: Here): ScriptSymbol | undefined =>
  symbols.find(({ definition, uses }) => contains(definition, here) || uses.some((use) => contains(use, here)));

/** The file that is named at a place. */
export const fileAt = ({ links }: CheckResult, here: Here): string | undefined =>
  links.find(({ place }) => contains(place, here))?.path;
