const integers: readonly (readonly [pattern: RegExp, bits: bigint])[] = [
  [/^tinyint/i, 8n],
  [/^smallint/i, 16n],
  [/^mediumint/i, 24n],
  [/^bigint/i, 64n],
  [/int/i, 32n],
];

/**
 * The nearest number that a column can hold, as the original stores it: a processor with 256 cores must not cost the
 * whole inventory.
 *
 * @param type of the column in MySQL's notation
 */
export function withinRange(value: number | bigint, type: string): number | bigint {
  const bits = integers.find(([pattern]) => pattern.test(type))?.[1];
  if (bits === undefined) return value;
  const limit = 1n << (bits - 1n);
  if (value >= limit) return limit - 1n;
  return value < -limit ? -limit : value;
}
