import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerOrders, type CaseOrder, type CaseResult, type StepResult } from "../case-workers.ts";
import { startCorpusServer } from "../rpc/corpus-server.ts";
import { CaseClient } from "./case-client.ts";
import { difference } from "./difference.ts";
import { keptAnswer } from "./kept-answer.ts";
import { layDown } from "./lay-down.ts";
import { readCase } from "./recorded-case.ts";

answerOrders(play);

async function play({ path, certificates }: CaseOrder): Promise<CaseResult> {
  const recorded = await readCase(path);
  const { topic, setup, files, answers } = recorded;
  const literal = JSON.stringify([setup, files, recorded.steps]);
  const root = await mkdtemp(join(tmpdir(), "http-case-"));
  try {
    await using server = await startCorpusServer(root, 0, certificates);
    await layDown(recorded, root);
    using client = new CaseClient(recorded, Number(new URL(server.url).port));
    await client.setUp();
    const steps: StepResult[] = [];
    for (const [index, step] of recorded.steps.entries()) {
      const answer = await client.play(step);
      const got = await keptAnswer(step, answer, recorded, client.origin(step));
      const want = answers[index];
      if (want === undefined) throw new Error(`${path}: step ${index} has no recorded answer`);
      const why = difference(step, want, got, literal);
      const method = step.raw === undefined ? `${step.method} ${step.path}` : "raw";
      steps.push({ step: index, method, difference: why, defect: why !== null && step.defect !== undefined });
    }
    return { topic, steps };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
