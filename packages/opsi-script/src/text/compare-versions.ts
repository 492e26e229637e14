import { trim, upperUnicode } from "./bytes.ts";

type Order = -1 | 0 | 1;

export const orderOf = <T extends string | number | bigint>(left: T, right: T): Order =>
  left < right ? -1 : left > right ? 1 : 0;

/**
 * Versions, element by element between dots; the longer one is greater where all common elements are equal (language
 * §4.5). `null` when one of them is empty.
 */
function compareDotSeparated(
  left: string,
  right: string,
  compare: (left: string, right: string) => Order,
): Order | null {
  if (left === "" || right === "") return null;
  const first = left.split(".");
  const second = right.split(".");
  for (let index = 0; index < Math.min(first.length, second.length); index++) {
    const order = compare(trim(first[index] ?? ""), trim(second[index] ?? ""));
    if (order !== 0) return order;
  }
  return orderOf(first.length, second.length);
}

const isDigits = (text: string) => /^[0-9]+$/.test(text);

/** Digits only: integers, or decimal fractions where one has a leading zero. Otherwise digits first, then the rest. */
function compareNumbers(left: string, right: string): Order {
  if (isDigits(left) && isDigits(right)) {
    const fraction = (text: string) => text.length > 1 && text.startsWith("0");
    if (fraction(left) || fraction(right)) return orderOf(Number(`0.${left}`), Number(`0.${right}`));
    return orderOf(BigInt(left), BigInt(right));
  }
  const digits = (text: string) => text.replace(/[^0-9]/g, "");
  const others = (text: string) => upperUnicode(text.replace(/[0-9]/g, ""));
  if (digits(left) !== "" && digits(right) !== "") {
    const order = orderOf(BigInt(digits(left)), BigInt(digits(right)));
    if (order !== 0) return order;
  }
  return orderOf(others(left), others(right));
}

export const compareDotSeparatedNumbers = (left: string, right: string): Order | null =>
  compareDotSeparated(left, right, compareNumbers);

export const compareDotSeparatedStrings = (left: string, right: string): Order | null =>
  compareDotSeparated(left, right, (first, second) => orderOf(upperUnicode(first), upperUnicode(second)));

export function relationHolds(order: number, operator: string): boolean {
  switch (operator) {
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    case "=":
      return order === 0;
    case "<=":
    case "=<":
      return order <= 0;
    case ">=":
    case "=>":
      return order >= 0;
    default:
      return false;
  }
}
