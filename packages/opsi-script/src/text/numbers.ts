const pattern = /^[ \t]*([+-]?)(?:(?:\$|0[xX]|[xX])([0-9a-fA-F]+)|%([01]+)|&([0-7]+)|([0-9]+))$/;
const lowest = -(2n ** 63n);
const highest = 2n ** 63n - 1n;

/**
 * Integers as the original reads them: optional blanks and sign, decimal or `$1f`, `0x1f`, `%101`, `&17`; 64 bits.
 * `null` where the text is none (functions, part 8 `isNumber`).
 */
export function parseInteger64(text: string): bigint | null {
  const found = pattern.exec(text);
  if (!found) return null;
  const [, sign, hexadecimal, binary, octal, decimal = "0"] = found;
  const magnitude =
    hexadecimal !== undefined
      ? BigInt(`0x${hexadecimal}`)
      : binary !== undefined
        ? BigInt(`0b${binary}`)
        : octal !== undefined
          ? BigInt(`0o${octal}`)
          : BigInt(decimal);
  const value = sign === "-" ? -magnitude : magnitude;
  return value < lowest || value > highest ? null : value;
}

/** The same as a JavaScript number; for indices and counts, where values beyond 2^53 do not matter. */
export function parseInteger(text: string): number | null {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text); // the usual case
  const value = parseInteger64(text);
  return value === null ? null : Number(value);
}
