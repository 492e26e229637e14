/**
 * The beginning of a text that somebody sent, to be kept for long. A copy: what JavaScript cuts off a text keeps the whole
 * of it in memory.
 */
export function shortCopy(text: string, longest: number): string {
  return text.length <= longest ? text : Buffer.from(text.slice(0, longest)).toString();
}
