/** opsi's levels by name; a higher number says more. (service §8.7) */
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

export const opsiLevel = (pinoLevel: number) => 10 - pinoLevel / 10;
