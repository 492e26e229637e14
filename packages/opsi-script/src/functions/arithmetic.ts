/** Parentheses deeper than this are refused: each level costs stack. */
const deepest = 500;

/**
 * A formula of numbers, `+ - * /` and parentheses. Blanks do not count, a missing parenthesis at the end is no
 * mistake, a missing second operand repeats the first, a missing first one is 0 (functions §4 `calculate`).
 *
 * @returns the value rounded to an integer, halves away from zero; `null` when it cannot be evaluated
 */
export function evaluateArithmetic(formula: string): string | null {
  const text = formula.replace(/[ \t]/g, "");
  if (/[^0-9.+\-*/()]/.test(text)) return null;
  let position = 0;
  let depth = 0;

  function sum(): number {
    let value = product();
    for (;;) {
      const operator = text[position];
      if (operator !== "+" && operator !== "-") return value;
      position++;
      const right = atOperandEnd() ? value : product();
      value = operator === "+" ? value + right : value - right;
    }
  }
  function product(): number {
    let value = operand();
    for (;;) {
      const operator = text[position];
      if (operator !== "*" && operator !== "/") return value;
      position++;
      const right = atOperandEnd() ? value : operand();
      value = operator === "*" ? value * right : value / right;
    }
  }
  function operand(): number {
    let sign = 1;
    for (; text[position] === "-" || text[position] === "+"; position++) if (text[position] === "-") sign = -sign;
    if (text[position] === "(") {
      if (++depth > deepest) return Number.NaN;
      position++;
      const value = sum();
      if (text[position] === ")") position++;
      depth--;
      return sign * value;
    }
    const digits = /^[0-9.]*/.exec(text.slice(position, position + 400))?.[0] ?? "";
    position += digits.length;
    return digits === "" ? 0 : sign * Number(digits);
  }
  const atOperandEnd = () => position >= text.length || text[position] === ")";

  const value = sum();
  if (!Number.isFinite(value)) return null;
  const rounded = Math.sign(value) * Math.round(Math.abs(value));
  return Math.abs(rounded) < 1e21 ? String(rounded === 0 ? 0 : BigInt(rounded)) : null;
}
