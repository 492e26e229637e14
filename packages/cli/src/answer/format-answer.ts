import { encodeMessagePack } from "@opsi-ts/protocol";
import { UsageError } from "../usage-error.ts";
import type { Answer, OutputFormat, Row } from "./answer.ts";
import { csvCell, lineCell, tableCell, visibleJson } from "./cell.ts";
import { formatTable } from "./table.ts";

export interface Presentation {
  readonly format: Exclude<OutputFormat, "auto">;
  /** `--attributes`: columns in this order; `all` = every key there is. JSON and MessagePack always show everything. */
  readonly attributes: readonly string[] | null;
  readonly sortBy: string | null;
  readonly header: boolean;
  readonly color: boolean;
  readonly width: number | null;
}

/** The bytes for stdout. (packages §6.1) */
export function formatAnswer(answer: Answer, presentation: Presentation): string | Uint8Array {
  if (answer.kind === "nothing") return "";
  if (answer.kind === "text") return answer.text;
  const content = sorted(answer.kind === "rows" ? answer.rows : answer.value, presentation.sortBy);
  switch (presentation.format) {
    case "json":
      return `${visibleJson(JSON.stringify(content ?? null))}\n`;
    case "pretty-json":
      return `${visibleJson(JSON.stringify(content ?? null, null, 2))}\n`;
    case "msgpack":
      return encodeMessagePack(content ?? null);
    case "lines":
      return lines(content, answer, presentation);
    case "csv": {
      const { columns, records } = tabular(content, answer, presentation);
      const line = (cells: readonly string[]) => `${cells.map(quoted).join(";")}\n`;
      const body = records.map((record) => line(columns.map((column) => csvCell(record[column])))).join("");
      return (presentation.header ? line(columns) : "") + body;
    }
    case "table": {
      const { columns, records } = tabular(content, answer, presentation);
      if (columns.length === 0) return "";
      const cells = records.map((record) => columns.map((column) => tableCell(record[column])));
      return formatTable(columns.map(tableCell), cells, presentation);
    }
    default:
      return presentation.format satisfies never;
  }
}

/** One line per row, values separated by tabs, no header: for `while read` and `cut`. A text has its own lines. */
function lines(content: unknown, answer: Answer, presentation: Presentation): string {
  if (!isRows(content)) {
    const ownLines = typeof content === "string" ? content.replace(/\r?\n$/, "").split(/\r?\n/) : [content];
    const values = Array.isArray(content) ? content : ownLines;
    return values.map((member) => `${lineCell(member)}\n`).join("");
  }
  const { columns, records } = tabular(content, answer, presentation);
  return records.map((record) => `${columns.map((column) => lineCell(record[column])).join("\t")}\n`).join("");
}

interface Tabular {
  readonly columns: readonly string[];
  readonly records: readonly Row[];
}

/** Rows with their columns: the answer's own, those asked for, or all keys, `id` first. (packages §6.1) */
function tabular(content: unknown, answer: Answer, { attributes, format }: Presentation): Tabular {
  const records = toRecords(content, format);
  if (attributes !== null && !(attributes.length === 1 && attributes[0] === "all")) {
    const known = new Set([...records.flatMap((record) => Object.keys(record)), ...columnsOf(answer)]);
    const unknown = attributes.find((attribute) => !known.has(attribute));
    if (unknown !== undefined && known.size > 0) {
      throw new UsageError(`Unknown attribute '${unknown}', there are: ${[...known].sort().join(", ")}`);
    }
    return { columns: attributes, records };
  }
  if (attributes === null && answer.kind === "rows") return { columns: answer.columns, records };
  const keys = new Set(records.flatMap((record) => Object.keys(record)));
  const rest = [...keys].filter((key) => key !== "id").sort();
  return { columns: keys.has("id") ? ["id", ...rest] : rest, records };
}

function columnsOf(answer: Answer): readonly string[] {
  return answer.kind === "rows" ? answer.columns : [];
}

function toRecords(content: unknown, format: string): readonly Row[] {
  if (isRows(content)) return content;
  if (Array.isArray(content)) {
    return content.map((member: unknown) =>
      Array.isArray(member)
        ? Object.fromEntries(member.map((value: unknown, index) => [`value${index}`, value]))
        : { value0: member },
    );
  }
  if (isRecord(content)) return [content];
  if (content === null || content === undefined) return [];
  if (typeof content !== "object") return [{ value0: content }];
  throw new UsageError(`This answer cannot be shown as ${format}, use --output json`);
}

function sorted(content: unknown, sortBy: string | null): unknown {
  if (sortBy === null) return content;
  if (!isRows(content)) throw new UsageError("--sort-by needs an answer of several objects");
  return content.toSorted((a, b) => compare(tableCell(a[sortBy]), tableCell(b[sortBy])));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function quoted(cell: string): string {
  return /[";\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function isRecord(content: unknown): content is Row {
  return typeof content === "object" && content !== null && !Array.isArray(content);
}

function isRows(content: unknown): content is readonly Row[] {
  return Array.isArray(content) && content.length > 0 && content.every(isRecord);
}
