import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { playCase } from "./case-client.ts";
import { startCorpusServer } from "./corpus-server.ts";
import { difference } from "./difference.ts";
import { readCase } from "./recorded-case.ts";

/** Asks a worker process to play one case. */
export interface CaseOrder {
  readonly path: string;
  readonly certificates: string;
}

export interface StepResult {
  readonly step: number;
  readonly method: string;
  /** Null when the answer is the recorded one. */
  readonly difference: string | null;
  /** A difference from what the original does by mistake. */
  readonly defect: boolean;
}

export interface CaseResult {
  readonly topic: string;
  readonly steps: readonly StepResult[];
}

async function play({ path, certificates }: CaseOrder): Promise<CaseResult> {
  const recorded = await readCase(path);
  const root = await mkdtemp(join(tmpdir(), "rpc-case-"));
  try {
    await using server = await startCorpusServer(root, 0, certificates);
    const answers = await playCase(recorded, server.url);
    const literal = JSON.stringify(recorded.steps);
    const steps = recorded.steps.map((step, index): StepResult => {
      const missing = { status: 0, body: "" };
      const why = difference(step, recorded.answers[index] ?? missing, answers[index] ?? missing, literal);
      const method = typeof step.method === "string" ? step.method : step.batch ? "batch" : "raw";
      return { step: index, method, difference: why, defect: why !== null && step.defect !== undefined };
    });
    return { topic: recorded.topic, steps };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

process.on("message", async (order: CaseOrder) => {
  process.send?.(await play(order));
});
