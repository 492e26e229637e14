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
  // Not Math.max(...): that takes no more than a hundred thousand rows
  const widest = (measure: (cell: string) => number) =>
    columns.map((_, index) => rows.reduce((width, row) => Math.max(width, measure(row[index] ?? "")), 1));
  const natural = widest(textWidth);
  const words = widest(longestWord);
  const widths = options.width === null ? natural : fitted(natural, words, options.width - 3 * columns.length - 1);
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

/** Takes columns from the widest until all fit: first only as far as no word is cut, then further. */
function fitted(natural: readonly number[], words: readonly number[], available: number): number[] {
  const widths = [...natural];
  for (const least of [words, words.map(() => narrowest)]) {
    for (;;) {
      const excess = widths.reduce((sum, width) => sum + width, 0) - available;
      const shrinkable = widths.map((width, index) => (width > (least[index] ?? 0) ? width : 0));
      const widest = Math.max(...shrinkable);
      if (excess <= 0 || widest === 0) break;
      const index = shrinkable.indexOf(widest);
      const next = Math.max(least[index] ?? 0, ...shrinkable.filter((width) => width < widest));
      widths[index] = widest - Math.min(excess, Math.max(1, widest - next));
    }
  }
  return widths;
}

/** Below this a cell cannot be read any more. */
const narrowest = 6;

function longestWord(cell: string): number {
  return Math.max(...cell.split(" ").map(textWidth));
}
