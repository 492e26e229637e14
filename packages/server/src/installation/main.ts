import { join } from "node:path";
import { ownConfiguration } from "../configuration/own-configuration.ts";
import { runReporting } from "../offline/report.ts";
import { setUp } from "./setup.ts";
import type { Outcome } from "./step.ts";

/** The program behind `opsi server setup`. */
await runReporting(async (report) => {
  const configuration = ownConfiguration(process.argv.slice(2));
  const service = {
    serviceUser: "opsiconfd",
    command: [process.execPath, join(import.meta.dirname, "../main.ts"), "--root", configuration.folders.root],
  };
  const outcomes: Outcome[] = [];
  for await (const outcome of setUp(configuration, service, process.geteuid?.() === 0)) {
    outcomes.push(outcome);
    report({ kind: "progress", label: outcome.what, done: outcomes.length, total: null });
  }
  const failed = outcomes.filter(({ state }) => state === "failed").length;
  report({
    kind: "result",
    columns: ["state", "what", "why"],
    rows: outcomes.map((outcome) => ({ why: "", ...outcome })),
    ...(failed > 0 && { failure: `${failed} of ${outcomes.length} things could not be set up` }),
  });
});
