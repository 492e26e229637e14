export interface RunOptions {
  /** Stop waiting after this time; the process itself goes on. */
  readonly timeoutSeconds?: number;
  /** Do not wait at all. */
  readonly detached?: boolean;
}

export interface RunResult {
  /** False when the program could not be started; `output` then says why. */
  readonly started: boolean;
  readonly exitCode: number;
  /** Standard output and error in the order in which they were written. */
  readonly output: string;
}

export interface RunningProcess {
  readonly command: string;
  readonly pid: number;
  readonly user: string;
  readonly line: string;
}

/** Running other programs. All texts are byte strings. */
export interface Processes {
  run(program: string, parameters: readonly string[], options?: RunOptions): RunResult;
  /** A command line of the system's shell, unchanged. */
  runShellCommand(command: string): RunResult;
  /** A program gets one text and splits it itself (Windows), not a list of words. */
  readonly takesCommandLine: boolean;
  /** How a word of ours, such as a path, stands among the parameters of `run`. */
  argument(word: string): string;
  /** The path of a program as Windows' programs of 32 or 64 bits mean it. */
  seenBy(path: string, is32Bit: boolean): string;
  /** How a shell section's file is run; Windows has two shells. */
  shellScript(
    file: string,
    parameters: readonly string[],
    is32Bit: boolean,
  ): readonly [program: string, parameters: readonly string[]];
  list(): RunningProcess[];
  parentOf(pid: number): number | null;
  /** Ends all processes with that executable name; how many there were. */
  killByName(name: string): number;
  /** Full path of a command in the search path, or empty. */
  which(command: string): string;
  /** Waits until the package manager's lock is free; `kill` ends its holder after the time. */
  waitForPackageLock(seconds: number, kill: boolean): boolean;
}

/** Blocks the interpreter's only thread: the language has no concurrency. */
export function sleepMilliseconds(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** This process and those that it descends from. */
export function ownProcesses({ parentOf }: Processes): ReadonlySet<number> {
  const found = new Set<number>();
  for (let next: number | null = process.pid; next !== null && next > 0 && !found.has(next); ) {
    found.add(next);
    next = parentOf(next);
  }
  return found;
}
