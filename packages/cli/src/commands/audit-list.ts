import { type Row, rows } from "../answer/answer.ts";
import { auditFilter, auditSelection } from "../audit/audit-filter.ts";
import { type AuditChange, type AuditRecord, readRecords } from "../audit/read-records.ts";
import { command } from "../command.ts";
import { positiveInteger } from "../positive-number.ts";

const columns = ["time", "who", "address", "method", "type", "ident", "before", "after"];

export default command({
  name: "audit list",
  doc: "Show who changed what, newest first.",
  details:
    "Of new and removed objects all attributes are shown, of others those that changed. Values that are secret are " +
    "shown as `secret:` and some digits, which differ when the secret does.",
  examples: [
    "opsi audit list --since 2h",
    "opsi audit list --ident 'pc1.example.org' --type Host --limit 10",
    "opsi audit list --user admin --since 2026-01-31 --until 2026-02-01 --output json",
  ],
  options: {
    ...auditSelection,
    ident: { flags: "--ident <ident>", doc: "changes of this object, * is a wildcard: '*;pc1.example.org'" },
    limit: { flags: "--limit <number>", doc: "changes to show at most", fallback: 100, parse: positiveInteger },
  },
  async run(context, { ident, limit, ...selection }) {
    const shown: Row[] = [];
    using progress = context.progress("Reading the audit trail", { total: null });
    const order = { newestFirst: true, count: Math.min(limit, 200) };
    for await (const { records } of readRecords(context, auditFilter(selection, ident), order)) {
      for (const record of records) {
        for (const change of record.changes) if (shown.length < limit) shown.push(row(record, change));
      }
      if (shown.length >= limit) break;
    }
    progress.finish();
    return rows(shown, columns);
  },
});

function row({ changes: _, ...record }: AuditRecord, change: AuditChange): Row {
  return { ...record, who: record.user ?? record.host ?? "the service", ...change };
}
