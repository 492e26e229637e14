/** Cells of a table: null is empty, lists are joined. (packages §6.1) */
export function tableCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(tableCell).join(", ");
  return visible(typeof value === "object" ? JSON.stringify(value) : String(value));
}

/** Cells of CSV: `<null>`, 1 and 0, lists joined with a comma. (packages §6.1) */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "<null>";
  if (typeof value === "boolean") return value ? "1" : "0";
  if (Array.isArray(value)) return value.map((member) => (member === null ? "" : csvCell(member))).join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** One value on one line. */
export function lineCell(value: unknown): string {
  if (Array.isArray(value)) return value.map(lineCell).join(",");
  return tableCell(value);
}

/**
 * Control characters become visible: names and descriptions come from other people, and an escape sequence among them
 * must not reach the terminal.
 */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return known ?? codeEscape(character);
  });
}

/** The same for those that JSON leaves as they are; it means the same afterwards. */
export function visibleJson(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, codeEscape);
}

const codeEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
