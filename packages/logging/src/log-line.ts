import { opsiLevel } from "./levels.ts";
import { redacted } from "./redaction.ts";

/** A record as pino hands it over. */
export interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly subject?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
  readonly [field: string]: unknown;
}

/** What differs between the lines of one program and those of another. */
export interface LineStyle {
  /** Stands in parentheses at the end of lines that name no subject. */
  readonly subject: string;
  /** The field that becomes the context of its line instead of one of the details. */
  readonly contextField: string;
  /** Text of the context; `value` is "" in lines without the field. */
  context(value: string, subject: string): string;
  /** Characters to which the context is padded. */
  readonly contextWidth: number;
  /** Characters after which message and fields are cut. */
  readonly maxMessage: number;
  /** The last level that shows the stack of an error; lines that say more show its message. */
  readonly stackLevel: number;
}

/**
 * `[<level>] [<time>] [<context>] <message> <fields>   (<subject>)`. A stack follows on lines of its own.
 * (service 8.7, agent 1.6)
 */
export function formatLine(record: LogRecord, style: LineStyle): string {
  const level = opsiLevel(record.level);
  const {
    level: _level,
    time,
    msg = "",
    subject = style.subject,
    err,
    [style.contextField]: given,
    ...fields
  } = record;
  const safe = (level === 9 ? fields : redacted(fields)) as Record<string, unknown>;
  const details = Object.entries(safe).map(([name, value]) => `${name}=${valueText(value)}`);
  const full = [printable(level === 9 ? msg : String(redacted(msg))).replace(/\n/g, "\\n"), details.join(", ")]
    .filter((part) => part !== "")
    .join(" ");
  const text = full.length > style.maxMessage ? `${full.slice(0, style.maxMessage)}…` : full;
  const context = style.context(given === undefined ? "" : String(given), subject).padEnd(style.contextWidth);
  const failure = level <= style.stackLevel ? (err?.stack ?? err?.message) : err?.message;
  const stack = err === undefined ? "" : `\n${indented(String(redacted(failure ?? "")))}`;
  return `[${level}] [${localTime(time)}] [${context}] ${text}   (${subject})${stack}\n`;
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

/** Local time to the millisecond, `YYYY-MM-DD HH:MM:SS.mmm`. */
function localTime(time: number): string {
  const offset = new Date(time).getTimezoneOffset() * 60_000;
  return new Date(time - offset).toISOString().slice(0, 23).replace("T", " ");
}
