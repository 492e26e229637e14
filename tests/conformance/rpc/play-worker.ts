import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerOrders, type CaseOrder, type CaseResult, type StepResult } from "../case-workers.ts";
import { backendNamed, siteFiles } from "./backends.ts";
import { playCase } from "./case-client.ts";
import { CaseDatabase } from "./case-database.ts";
import { startCorpusServer } from "./corpus-server.ts";
import { difference } from "./difference.ts";
import { readCase } from "./recorded-case.ts";

const [name = "", address = ""] = process.argv.slice(2);
const backend = backendNamed(name);
const database = backend.database ? new CaseDatabase(backend.database, address, `corpus_${process.pid}`) : null;

answerOrders(play);

async function play({ path, certificates }: CaseOrder): Promise<CaseResult> {
  const recorded = await readCase(path);
  const root = await mkdtemp(join(tmpdir(), "rpc-case-"));
  try {
    await database?.clear();
    await using server = await startCorpusServer(root, 0, certificates, siteFiles(backend, database));
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
