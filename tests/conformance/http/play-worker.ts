import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerOrders, type CaseOrder, type CaseResult, type StepResult } from "../case-workers.ts";
import { startCorpusServer } from "../rpc/corpus-server.ts";
import { CaseClient } from "./case-client.ts";
import { difference } from "./difference.ts";
import { keptAnswer } from "./kept-answer.ts";
import { layDown } from "./lay-down.ts";
import { type RecordedCase, readCase, type Step } from "./recorded-case.ts";

answerOrders(play);

async function play({ path, certificates }: CaseOrder): Promise<CaseResult> {
  const recorded = await readCase(path);
  const steps: StepResult[] = [];
  try {
    await playSteps(recorded, certificates, steps);
  } catch (error) {
    // a server that does not start is the failure of its case, not the end of the others
    const why = `not played: ${error instanceof Error ? error.message : error}`;
    const rest = recorded.steps.entries().drop(steps.length);
    steps.push(...rest.map(([index, step]) => ({ step: index, method: nameOf(step), difference: why, defect: false })));
  }
  return { topic: recorded.topic, steps };
}

const nameOf = ({ raw, method, path }: Step) => (raw === undefined ? `${method} ${path}` : "raw");

async function playSteps(recorded: RecordedCase, certificates: string, results: StepResult[]): Promise<void> {
  const { setup, files, answers, steps } = recorded;
  const literal = JSON.stringify([setup, files, steps]);
  const root = await mkdtemp(join(tmpdir(), "http-case-"));
  try {
    await using server = await startCorpusServer(root, 0, certificates);
    await layDown(recorded, root);
    using client = new CaseClient(recorded, Number(new URL(server.url).port));
    await client.setUp();
    for (const [index, step] of steps.entries()) {
      const answer = await client.play(step);
      const got = await keptAnswer(step, answer, recorded, client.origin(step));
      const want = answers[index];
      if (want === undefined) throw new Error(`step ${index} has no recorded answer`);
      const why = difference(step, want, got, literal);
      const defect = why !== null && step.defect !== undefined;
      results.push({ step: index, method: nameOf(step), difference: why, defect });
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
