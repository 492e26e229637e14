import { OpsiError } from "@opsi-ts/model";

/** A count as it is typed. @throws OpsiError ValueError */
export function positiveInteger(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new OpsiError("ValueError", `'${text}' is no whole number above 0`);
}

/** A time as it is typed, also `0.5`. @throws OpsiError ValueError */
export function positiveNumber(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new OpsiError("ValueError", `'${text}' is no number above 0`);
}
