/** opsi's levels by name; a higher number says more. (service 8.7) */
export const levels = {
  essential: 1,
  critical: 2,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
  trace: 8,
  secret: 9,
} as const satisfies Record<string, number>;
export type LevelName = keyof typeof levels;

/** pino counts the other way round: 90 for essential down to 10 for secret. */
export const pinoLevels = Object.fromEntries(
  Object.entries(levels).map(([name, level]) => [name, (10 - level) * 10]),
) as Record<LevelName, number>;

export function opsiLevel(pinoLevel: number): number {
  return 10 - pinoLevel / 10;
}

/** Name of the least severe level that is written at a general level of 0 to 9. */
export function levelName(level: number): LevelName | "silent" {
  const found = Object.entries(levels).find(([, number]) => number === level);
  return found === undefined ? "silent" : (found[0] as LevelName);
}
