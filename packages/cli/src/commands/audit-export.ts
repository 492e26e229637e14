import { open, rename, rm } from "node:fs/promises";
import { rows } from "../answer/answer.ts";
import { auditFilter, auditSelection } from "../audit/audit-filter.ts";
import { readRecords } from "../audit/read-records.ts";
import { command } from "../command.ts";

export default command({
  name: "audit export",
  doc: "Write the audit trail to a file: one record a line as JSON, oldest first.",
  details: "The file is there when all is in it. It can be read by the user who exports and by nobody else.",
  examples: ["opsi audit export audit.jsonl", "opsi audit export january.jsonl --since 2026-01-01 --until 2026-02-01"],
  options: auditSelection,
  arguments: { file: { flags: "<file>", doc: "the file to write; one that is there is replaced", complete: "file" } },
  async run(context, { file, ...selection }) {
    const path = context.path(file);
    if (!context.mayChange(`write ${path}`)) return undefined;
    const temporary = `${path}.part`;
    using progress = context.progress("Exporting the audit trail", { total: null });
    let records = 0;
    try {
      await using target = await open(temporary, "w", 0o600);
      for await (const page of readRecords(context, auditFilter(selection), { newestFirst: false })) {
        context.signal.throwIfAborted();
        await target.write(page.records.map((record) => `${JSON.stringify(record)}\n`).join(""));
        records += page.records.length;
        progress.update(records);
      }
      await target.sync();
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await rename(temporary, path);
    progress.finish();
    return rows([{ file: path, records }], ["file", "records"]);
  },
});
