import { opsiLevel } from "./levels.ts";
import { redacted } from "./redaction.ts";

/** A record as pino hands it over. */
export interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly subject?: string;
  readonly event?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
  readonly [field: string]: unknown;
}

/**
 * `[<level>] [<time>] [<context, padded to 40>] <message> <fields>   (<subject>)`; a stack follows on lines of its own.
 * (agent §1.6)
 */
export function formatLine(record: LogRecord): string {
  const { level: pinoLevel, time, msg = "", subject = "agent", event, err, ...fields } = record;
  const level = opsiLevel(pinoLevel);
  const safe = redacted(fields) as Record<string, unknown>;
  const details = Object.entries(safe).map(([name, value]) => `${name}=${valueText(value)}`);
  const text = [String(redacted(msg)), details.join(", ")].filter((part) => part !== "").join(" ");
  const context = event === undefined ? subject : `event processing ${event}`;
  const stack =
    err === undefined
      ? ""
      : `\n${String(redacted(level >= 4 ? (err.message ?? "") : (err.stack ?? err.message ?? "")))}`;
  return `[${level}] [${localTime(time)}] [${context.padEnd(40)}] ${text}   (${subject})${stack}\n`;
}

const valueText = (value: unknown) =>
  typeof value === "string" && value !== "" && !/[\s,="]/.test(value) ? value : JSON.stringify(value);

function localTime(time: number): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}
