import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

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
    this.#closed = once(this.#child, "close");
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
  }

  get output(): string {
    return this.#stdout + this.#stderr;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits until the program has said a text. */
  async says(text: string, milliseconds = 30_000): Promise<void> {
    const until = Date.now() + milliseconds;
    while (!this.output.includes(text)) {
      if (this.ended) throw new Error(`The program ended before it said '${text}':\n${this.output}`);
      if (Date.now() > until) throw new Error(`The program did not say '${text}':\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async finished(): Promise<Finished> {
    await this.#closed;
    return { code: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** As if the power failed: the program and all that it started. */
  async powerOff(): Promise<void> {
    this.#signal("SIGKILL");
    await this.finished();
  }

  async stop(): Promise<Finished> {
    this.#signal("SIGTERM");
    return this.finished();
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.ended || this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // it ended meanwhile
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.powerOff().then(resolve), 10_000);
    this.stop().then(() => resolve());
    await promise;
    clearTimeout(timer);
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
