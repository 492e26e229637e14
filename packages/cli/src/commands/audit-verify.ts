import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";

interface Check {
  readonly first: number;
  readonly last: number;
  readonly lastHash: string;
  readonly checked: number;
  readonly next: number | null;
  readonly problems: readonly { readonly sequence: number; readonly problem: string }[];
}

/** Records that one call checks: about a second. */
const recordsPerCall = 5000;

export default command({
  name: "audit verify",
  doc: "Check that the audit trail is what was recorded: that nothing was changed, added or taken away.",
  details:
    "Exit code 1 if something is wrong. The hash of the last record can be kept elsewhere: who has it can prove that " +
    "nobody put an older state in the place of the whole database.",
  examples: ["opsi audit verify", "opsi audit verify --output json"],
  async run(context) {
    using progress = context.progress("Checking the audit trail", { total: null });
    const problems: { sequence: number; problem: string }[] = [];
    let records = 0;
    let after: number | null = null;
    for (;;) {
      const check: Check = await context.call<Check>("audit_verify", [after, recordsPerCall]);
      records += check.checked;
      problems.push(...check.problems);
      progress.update(records, Math.max(0, check.last - check.first + 1));
      if (check.next === null) {
        progress.finish();
        const { first, last, lastHash } = check;
        if (problems.length > 0) {
          return rows(
            problems,
            ["sequence", "problem"],
            `the audit trail is damaged: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`,
          );
        }
        return rows([{ records, first, last, lastHash }], ["records", "first", "last", "lastHash"]);
      }
      after = check.next;
    }
  },
});
