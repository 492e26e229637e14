import { PassThrough } from "node:stream";
import type { Input, Surroundings } from "../surroundings.ts";

export interface Recorded extends Surroundings {
  readonly out: () => string;
  readonly errors: () => string;
  readonly typed: PassThrough;
}

/** A place to run commands in: streams that remember, no environment, and a terminal if wanted. */
export function testSurroundings(
  options: Partial<Pick<Surroundings, "environment" | "home" | "folder" | "signal">> & {
    terminal?: boolean;
    columns?: number;
  } = {},
): Recorded {
  const recorder = () => {
    const chunks: string[] = [];
    return {
      write: (chunk: string | Uint8Array) =>
        chunks.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()),
      isTTY: options.terminal,
      columns: options.columns,
      text: () => chunks.join(""),
    };
  };
  const [stdout, stderr] = [recorder(), recorder()];
  const typed = new PassThrough();
  const stdin: Input = Object.assign(typed, { isTTY: options.terminal, setRawMode: () => {} });
  return {
    stdin,
    stdout,
    stderr,
    typed,
    environment: options.environment ?? {},
    platform: process.platform,
    home: options.home ?? "/nowhere",
    folder: options.folder ?? "/",
    signal: options.signal ?? new AbortController().signal,
    out: stdout.text,
    errors: stderr.text,
  };
}
