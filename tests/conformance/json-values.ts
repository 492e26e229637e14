/** Values as JSON has them, compared without regard to what does not matter. */

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

/** Text in which equal values look equal: members sorted, numbers by value. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (isRecord(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value) ?? "missing";
}

export const same = (a: unknown, b: unknown) => canonical(a) === canonical(b);

/** Lists sorted, `deep` at every depth. */
export function ordered(value: unknown, deep: boolean): unknown {
  if (Array.isArray(value)) {
    const items = deep ? value.map((item) => ordered(item, true)) : value;
    return items.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
  }
  if (deep && isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, ordered(member, true)]));
  }
  return value;
}

/** Types and member names in place of values. */
export function shape(value: unknown): unknown {
  if (Array.isArray(value)) return ["list", [...new Set(value.map((item) => canonical(shape(item))))].sort()];
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shape(member)]));
  return typeName(value);
}
