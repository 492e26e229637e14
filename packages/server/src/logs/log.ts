import { pino } from "pino";
import { levelName, opsiLevel, pinoLevels } from "./levels.ts";
import { formatLine, type LogRecord } from "./log-line.ts";
import { redacted } from "./redaction.ts";
import { RotatingFile } from "./rotating-file.ts";

type Write = (fields: object, message: string) => void;

/** Fields first, fixed message text last; a child carries fields for a subject, a session, a job. (service 8.7) */
export interface Log {
  essential: Write;
  critical: Write;
  error: Write;
  warning: Write;
  notice: Write;
  info: Write;
  debug: Write;
  trace: Write;
  secret: Write;
  child(fields: object): Log;
}

export interface LogSettings {
  /** 0 (nothing) to 9 (secrets too) */
  readonly fileLevel: number;
  readonly stderrLevel: number;
  /** null = no file */
  readonly file: string | null;
  readonly format: "opsi" | "json";
  readonly maxBytes: number;
  readonly keepRotated: number;
  readonly maxMessage: number;
  /** Where lines for stderr go; tests hand in their own. */
  readonly stderr?: (line: string) => void;
}

export interface OpenLog extends Disposable {
  readonly log: Log;
}

/** Opens the log: a file in the log folder and stderr, each with its level. Secrets are replaced below level 9. */
export function openLog(settings: LogSettings): OpenLog {
  const { fileLevel, stderrLevel, format, maxMessage } = settings;
  const useFile = settings.file !== null && fileLevel > 0;
  const file = useFile ? new RotatingFile(settings.file ?? "", settings.maxBytes, settings.keepRotated) : null;
  const stderr = settings.stderr ?? ((line: string) => void process.stderr.write(line));
  const destination = {
    write(json: string) {
      const record = JSON.parse(json) as LogRecord;
      const level = opsiLevel(record.level);
      const line = format === "opsi" ? formatLine(record, maxMessage) : jsonLine(record, level);
      if (level <= fileLevel) file?.write(line);
      if (level <= stderrLevel) stderr(line);
    },
  };
  const log: unknown = pino(
    {
      base: null,
      customLevels: pinoLevels,
      useOnlyCustomLevels: true,
      level: levelName(Math.max(useFile ? fileLevel : 0, stderrLevel)),
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    },
    destination,
  );
  return { log: log as Log, [Symbol.dispose]: () => file?.[Symbol.dispose]() };
}

/** A log that keeps nothing, for parts that are used without a server. */
export const silentLog: Log = openLog({
  fileLevel: 0,
  stderrLevel: 0,
  file: null,
  format: "opsi",
  maxBytes: 0,
  keepRotated: 0,
  maxMessage: 1000,
}).log;

function jsonLine(record: LogRecord, level: number): string {
  const safe = level === 9 ? record : (redacted(record) as LogRecord);
  return `${JSON.stringify({ ...safe, level })}\n`;
}
