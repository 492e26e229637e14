import { textWidth, wrapText } from "./text-width.ts";

export interface TableOptions {
  /** Columns of the terminal; null = as wide as needed. */
  readonly width: number | null;
  readonly header: boolean;
  readonly color: boolean;
}

/** A table in a rounded box, as opsi-cli draws it. Wide columns are wrapped until the table fits. (packages §6.1) */
export function formatTable(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  options: TableOptions,
): string {
  const rows = options.header ? [columns, ...cells] : cells;
  const natural = columns.map((_, index) => Math.max(1, ...rows.map((row) => textWidth(row[index] ?? ""))));
  const widths = options.width === null ? natural : fitted(natural, options.width - 3 * columns.length - 1);
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right;
  const bold = (text: string) => (options.color ? `\u001b[1m${text}\u001b[22m` : text);
  const lines = [rule("╭", "┬", "╮")];
  for (const [number, row] of rows.entries()) {
    const isHeader = options.header && number === 0;
    const wrapped = widths.map((width, index) => wrapText(row[index] ?? "", width));
    const height = Math.max(...wrapped.map((cell) => cell.length));
    for (let line = 0; line < height; line++) {
      const parts = widths.map((width, index) => {
        const text = wrapped[index]?.[line] ?? "";
        const padding = " ".repeat(Math.max(0, width - textWidth(text)));
        return ` ${isHeader ? bold(text) : text}${padding} `;
      });
      lines.push(`│${parts.join("│")}│`);
    }
    if (isHeader) lines.push(rule("├", "┼", "┤"));
  }
  lines.push(rule("╰", "┴", "╯"));
  return `${lines.join("\n")}\n`;
}

/** Takes columns from the widest until all fit; below 6 columns a cell cannot be read any more. */
function fitted(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= 6) break;
    const index = widths.indexOf(widest);
    const others = widths.filter((width) => width < widest);
    const step = Math.min(excess, Math.max(1, widest - Math.max(6, ...others)));
    widths[index] = widest - step;
    excess -= step;
  }
  return widths;
}
