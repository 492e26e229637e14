import { pythonString } from "@opsi-ts/model";

/** `2024-01-02 03:04:05` as `20240102030405`; other texts stay, null is empty. (methods 16) */
export function compactTimestamp(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value);
  return text.replace(/^(\d{4})-(\d\d)-(\d\d)\s(\d\d):(\d\d):(\d\d).*$/, "$1$2$3$4$5$6");
}

/** When nothing was found yet. */
const neverScanned = "2000-01-01 00:00:00";

export const latest = (timestamps: readonly unknown[]): string =>
  timestamps.reduce<string>((last, time) => (String(time ?? "") > last ? String(time) : last), neverScanned);

/** Legacy methods know no null. */
export function withoutNulls(hash: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(hash).map(([key, value]) => [key, value ?? ""]));
}

/** Values of a config or property as one text: `de,en`, `True`. */
export function joinedValues(values: unknown): string {
  return Array.isArray(values) ? values.map(pythonString).join(",") : "";
}
