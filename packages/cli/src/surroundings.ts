import { homedir } from "node:os";
import { join } from "node:path";

/** Where text goes; a terminal says so. */
export interface Output {
  write(chunk: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Where a person types. */
export interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
}

/** Everything outside of the program that commands may use; tests hand in their own. */
export interface Surroundings {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Working directory; relative paths start here. */
  readonly folder: string;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Why `signal` was aborted. */
export class Interruption extends Error {
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM") {
    super("interrupted");
    this.signal = signal;
  }
}

/** Those of this process. */
export function processSurroundings(signal: AbortSignal): Surroundings {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    platform: process.platform,
    home: homedir(),
    folder: typedFolder(process.env) ?? process.cwd(),
    signal,
  };
}

/** Where programs keep what a user has set. */
export function configurationFolder({ platform, environment, home }: Surroundings): string {
  if (platform === "win32") return environment["APPDATA"] ?? join(home, "AppData", "Roaming");
  return environment["XDG_CONFIG_HOME"] ?? join(home, ".config");
}

/** `npm run opsi` changes to the folder of the sources; paths are meant from where it was typed. */
function typedFolder(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return environment["npm_lifecycle_event"] === "opsi" ? environment["INIT_CWD"] : undefined;
}
