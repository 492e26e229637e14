import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { decodeReport, type ProgramReport } from "@opsi-ts/protocol";
import { type Answer, rows } from "../answer/answer.ts";
import type { Context } from "../context.ts";
import { Interruption } from "../surroundings.ts";
import type { Progress } from "./progress.ts";

/**
 * Runs one of our other programs that reports what it does: shows how far it is, and gives its answer. Signals that we
 * get are passed on; the program ends at a moment from which it can go on.
 *
 * @param main its main.ts, relative to the folder of all packages
 * @returns a failure where the program could not do its work
 * @throws the interruption
 */
export async function runReportingProgram(main: string, words: readonly string[], context: Context): Promise<Answer> {
  const file = new URL(`../../../${main}`, import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(file), ...words], {
    cwd: context.surroundings.folder,
    env: context.surroundings.environment,
    stdio: ["inherit", "pipe", "inherit"],
    detached: true, // Ctrl-C reaches it through us, and once
  });
  const ended = new Promise<void>((resolve, reject) => child.once("error", reject).once("close", () => resolve()));
  const forward = () => {
    const { reason } = context.signal;
    child.kill(reason instanceof Interruption ? reason.signal : "SIGTERM");
  };
  context.signal.addEventListener("abort", forward, { once: true });
  const shown = new ShownReports(context);
  try {
    for await (const line of createInterface({ input: child.stdout })) shown.take(decodeReport(line));
    await ended;
  } finally {
    shown.end();
    context.signal.removeEventListener("abort", forward);
    if (child.exitCode === null) child.kill();
  }
  context.signal.throwIfAborted();
  return shown.answer ?? { kind: "nothing", failure: "The program ended without an answer" };
}

/** What a program has reported until now. */
class ShownReports {
  readonly #context: Context;
  #label = "";
  #progress: Progress | null = null;
  answer: Answer | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  take(report: ProgramReport | null): void {
    switch (report?.kind) {
      case "progress":
        this.#show(report.label, report.done, report.total);
        break;
      case "note":
        this.end();
        this.#context.say(report.text);
        break;
      case "result":
        this.answer = rows(report.rows, report.columns, report.failure);
        break;
      case "error":
        this.answer = { kind: "nothing", failure: report.message };
        break;
      default: // what is no report is not for us
    }
  }

  #show(label: string, done: number, total: number | null): void {
    if (this.#label !== label) {
      this.end();
      this.#progress = this.#context.progress(label, { total });
      this.#label = label;
    }
    this.#progress?.update(done, total);
  }

  end(): void {
    this.#progress?.finish();
    this.#progress = null;
    this.#label = "";
  }
}
