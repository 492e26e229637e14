import { opsiLevel } from "./levels.ts";
import { redacted } from "./redaction.ts";

/** A record as pino hands it over. */
export interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly subject?: string;
  readonly client?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
  readonly [field: string]: unknown;
}

/**
 * `[<level>] [<time>] [<context, padded to 15>] <message> <fields>   (<subject>)`. The context is the client's
 * address. A stack follows on lines of its own. (service 8.7)
 *
 * @param maxMessage characters after which message and fields are cut
 */
export function formatLine(record: LogRecord, maxMessage: number): string {
  const level = opsiLevel(record.level);
  const { level: _level, time, msg = "", subject = "", client = "", err, ...fields } = record;
  const safe = (level === 9 ? fields : redacted(fields)) as Record<string, unknown>;
  const details = Object.entries(safe).map(([name, value]) => `${name}=${valueText(value)}`);
  const full = [printable(level === 9 ? msg : String(redacted(msg))).replace(/\n/g, "\\n"), details.join(", ")]
    .filter((part) => part !== "")
    .join(" ");
  const text = full.length > maxMessage ? `${full.slice(0, maxMessage)}…` : full;
  const stack = err === undefined ? "" : `\n${indented(String(redacted(err.stack ?? err.message ?? "")))}`;
  return `[${level}] [${localTime(time)}] [${client.padEnd(15)}] ${text}   (${subject || "server"})${stack}\n`;
}

const valueText = (value: unknown) =>
  typeof value === "string" && /^[^\s,="\p{C}]+$/u.test(value) ? value : printable(JSON.stringify(value) ?? "");

/** What a terminal or another program could take for more than text. JSON leaves most of it as it is. */
const printable = (text: string) =>
  text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu, (one) => {
    return `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });

/** Messages of errors may quote lines that look like ours: all but the first begin with blanks. */
const indented = (text: string) => printable(text).replace(/\n(?!\s)/g, "\n    ");

function localTime(time: number): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}
