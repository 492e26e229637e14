import { pino } from "pino";
import { opsiLevel, pinoLevels } from "./levels.ts";
import { LogFile } from "./log-file.ts";
import { formatLine, type LogRecord } from "./log-line.ts";

type Write = (fields: object, message: string) => void;

/** Fields first, fixed message text last; a child carries the fields of a part of the agent or of an event. */
export interface Log {
  essential: Write;
  critical: Write;
  error: Write;
  warning: Write;
  notice: Write;
  info: Write;
  debug: Write;
  trace: Write;
  child(fields: object): Log;
}

export interface LogSettings {
  /** null: no file. */
  readonly file: string | null;
  readonly maximumBytes: number;
  readonly keepRotated: number;
  readonly rotateAtStart: boolean;
  readonly stderrLevel: number;
  readonly stderr?: (line: string) => void;
}

export interface OpenLog extends Disposable {
  readonly log: Log;
  /** Path of the file, null without one. */
  readonly path: string | null;
  /** 0 (nothing) to 9; `global.log_level`, takes effect at once. */
  fileLevel: number;
}

/** Opens the agent's log: a file and stderr, each with its level. Secrets are replaced at every level. */
export function openLog(settings: LogSettings, fileLevel: number): OpenLog {
  const { stderrLevel } = settings;
  const file =
    settings.file === null
      ? null
      : new LogFile(settings.file, settings.maximumBytes, settings.keepRotated, settings.rotateAtStart);
  const stderr = settings.stderr ?? ((line: string) => void process.stderr.write(line));
  const open: OpenLog = {
    log: null as unknown as Log,
    path: file?.path ?? null,
    fileLevel,
    [Symbol.dispose]: () => file?.[Symbol.dispose](),
  };
  const destination = {
    write(json: string) {
      const record = JSON.parse(json) as LogRecord;
      const level = opsiLevel(record.level);
      if (level > open.fileLevel && level > stderrLevel) return;
      const line = formatLine(record);
      if (level <= open.fileLevel) file?.write(line);
      if (level <= stderrLevel) stderr(line);
    },
  };
  const log: unknown = pino(
    {
      base: null,
      customLevels: pinoLevels,
      useOnlyCustomLevels: true,
      level: "trace",
      serializers: { err: pino.stdSerializers.err },
    },
    destination,
  );
  return Object.assign(open, { log: log as Log });
}

/** A log that keeps nothing, for parts that are used without an agent. */
export const silentLog: Log = openLog(
  { file: null, maximumBytes: 0, keepRotated: 0, rotateAtStart: false, stderrLevel: 0 },
  0,
).log;
