import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs in the background, with what it has said so far. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** Settles when the program has ended and all that it said has arrived. */
  readonly #closed: Promise<unknown>;
  readonly #news = new EventEmitter<{ more: [] }>();
  #stdout = "";
  #stderr = "";

  constructor(
    command: string,
    parameters: readonly string[],
    environment: Record<string, string> = {},
    folder: string = process.cwd(),
  ) {
    this.#child = spawn(command, parameters, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
      detached: true,
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      this.#stdout += chunk;
      this.#news.emit("more");
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      this.#stderr += chunk;
      this.#news.emit("more");
    });
    this.#closed = once(this.#child, "close").finally(() => this.#news.emit("more"));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get output(): string {
    return this.#stdout + this.#stderr;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits until the program has said a text. */
  async says(text: string, milliseconds = 30_000): Promise<void> {
    const signal = AbortSignal.timeout(milliseconds);
    while (!this.output.includes(text)) {
      const more = once(this.#news, "more", { signal });
      const isClosed = await Promise.race([this.#closed.then(() => true), more.then(() => false)]).catch(
        (cause: unknown) => {
          throw new Error(`The program did not say '${text}':\n${this.output}`, { cause });
        },
      );
      if (isClosed && !this.output.includes(text))
        throw new Error(`The program ended before it said '${text}':\n${this.output}`);
    }
  }

  async finished(): Promise<Finished> {
    await this.#closed;
    return { code: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** As if the power failed: the program and all that it started, also what has a process group of its own. */
  async powerOff(): Promise<void> {
    if (this.#child.pid !== undefined && !this.ended) {
      for (const pid of [this.#child.pid, ...descendants(this.#child.pid)]) signal(pid, "SIGKILL");
    }
    await this.finished();
  }

  async stop(): Promise<Finished> {
    if (this.#child.pid !== undefined && !this.ended) signal(-this.#child.pid, "SIGTERM");
    return this.finished();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.pid === undefined) return; // it could not be started; why says whoever waits for it
    const timer = setTimeout(() => void this.powerOff(), 10_000);
    await this.stop();
    clearTimeout(timer);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended meanwhile
  }
}

function descendants(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"));
    const children = lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return []; // it ended meanwhile
  }
}

/** Runs a program to its end. */
export async function run(
  command: string,
  parameters: readonly string[],
  environment: Record<string, string> = {},
  folder?: string,
): Promise<Finished> {
  await using program = new Program(command, parameters, environment, folder);
  return await program.finished();
}
