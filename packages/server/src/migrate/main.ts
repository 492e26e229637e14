import { parseArgs } from "node:util";
import { conversionAnswer } from "../convert/conversion-answer.ts";
import { runReporting } from "../offline/report.ts";
import type { Deed } from "./deeds.ts";
import { migrate } from "./migrate.ts";

/** The program behind `opsi migrate`. The password of a backup is in OPSI_BACKUP_PASSWORD. */
const { values } = parseArgs({
  options: {
    from: { type: "string", default: "/" },
    root: { type: "string" },
    to: { type: "string" },
    "host-id": { type: "string" },
    "accept-losses": { type: "boolean", default: false },
    workbench: { type: "boolean", default: false },
    logs: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
  },
});

const columns = ["step", "item", "state", "detail"];

await runReporting(async (report, signal) => {
  const deeds: Deed[] = [];
  const done = (failure?: string) => {
    const rows = deeds.map((deed) => ({ ...deed }));
    report({ kind: "result", rows, columns, ...(failure !== undefined && { failure }) });
  };
  const { workbench, logs, from, root, to } = values;
  try {
    const failed = await migrate({
      ...{ from, root, to, workbench, logs, hostId: values["host-id"], dryRun: values["dry-run"] },
      ...{ acceptLosses: values["accept-losses"], password: process.env["OPSI_BACKUP_PASSWORD"] ?? null },
      ...{ signal, report, note: (deed) => void deeds.push(deed) },
    });
    if (failed !== null) report(conversionAnswer(failed, { to: to ?? "", dryRun: false }));
    else done();
  } catch (error) {
    if (deeds.length === 0) throw error;
    done(`${error instanceof Error ? error.message : String(error)}. What is done is above; the same command goes on`);
    process.exitCode = 1;
  }
});
