import { pino } from "pino";
import { type LevelName, levelName, opsiLevel, pinoLevels } from "./levels.ts";
import { formatLine, type LineStyle, type LogRecord } from "./log-line.ts";
import { redacted } from "./redaction.ts";
import { type LogFileSettings, RotatingFile } from "./rotating-file.ts";

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
  /** null = no file */
  readonly file: LogFileSettings | null;
  /** 0 (nothing) to 9 (secrets too) */
  readonly fileLevel: number;
  readonly stderrLevel: number;
  /** How far `fileLevel` may be raised later, and what is never written beyond it; without it, the levels stay. */
  readonly highestLevel?: number;
  readonly style: LineStyle;
  readonly format?: "opsi" | "json";
  /** Where lines for stderr go; tests hand in their own. */
  readonly stderr?: (line: string) => void;
}

export interface OpenLog extends Disposable {
  readonly log: Log;
  /** Takes effect at once, up to the settings' `highestLevel`. */
  setFileLevel(level: number): void;
}

/**
 * Opens a log: a file and stderr, each with its level. Secrets are replaced below level 9. That the file cannot be
 * written any more is told once on stderr.
 *
 * @example
 * using opened = openLog({ file: null, fileLevel: 0, stderrLevel: 5, style });
 * opened.log.child({ subject: "rpc" }).notice({ rows: 3 }, "call answered");
 */
export function openLog(settings: LogSettings): OpenLog {
  const { stderrLevel, style, format = "opsi" } = settings;
  const useFile = settings.file !== null && (settings.fileLevel > 0 || settings.highestLevel !== undefined);
  const file = useFile && settings.file !== null ? new RotatingFile(settings.file) : null;
  const stderr = settings.stderr ?? ((line: string) => void process.stderr.write(line));
  let { fileLevel } = settings;
  let isFileBroken = false;
  // A full disk must not stop what the lines tell of: whoever logs does not expect an error.
  const writeToFile = (line: string): void => {
    try {
      file?.write(line);
      isFileBroken = false;
    } catch (error) {
      if (!isFileBroken) stderr(`Lines are missing in the log file: ${String(error)}\n`);
      isFileBroken = true;
    }
  };
  const level = levelName(settings.highestLevel ?? Math.max(useFile ? fileLevel : 0, stderrLevel));
  const log = pinoLog(level, (json) => {
    const record = JSON.parse(json) as LogRecord;
    const level = opsiLevel(record.level);
    if (level > fileLevel && level > stderrLevel) return;
    const line = format === "opsi" ? formatLine(record, style) : jsonLine(record, level);
    if (level <= fileLevel) writeToFile(line);
    if (level <= stderrLevel) stderr(line);
  });
  return {
    log,
    setFileLevel(level) {
      fileLevel = level;
    },
    [Symbol.dispose]: () => file?.[Symbol.dispose](),
  };
}

/** A log that keeps nothing, for parts that are used without a program around them. */
export const silentLog: Log = pinoLog("silent", () => {});

function pinoLog(level: LevelName | "silent", write: (json: string) => void): Log {
  const log: unknown = pino(
    {
      base: null,
      customLevels: pinoLevels,
      useOnlyCustomLevels: true,
      level,
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    },
    { write },
  );
  return log as Log;
}

function jsonLine(record: LogRecord, level: number): string {
  const safe = level === 9 ? record : (redacted(record) as LogRecord);
  return `${JSON.stringify({ ...safe, level })}\n`;
}
