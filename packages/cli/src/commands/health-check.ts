import { type Answer, rows, text } from "../answer/answer.ts";
import { command } from "../command.ts";
import { matcher, nameList } from "../selection/name-list.ts";

interface Result {
  readonly check: { readonly id: string; readonly name: string; readonly documentation: string };
  readonly check_status: "ok" | "warning" | "error";
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly upgrade_issue: string | null;
  readonly partial_results: readonly Result[];
}

/** The exit code, and the number that Checkmk knows. */
const severity = { ok: 0, warning: 1, error: 2 } as const;

export default command({
  name: "health-check",
  doc: "Look whether everything is in order at the site.",
  details:
    "Exit code 0: everything is in order; 1: there are warnings; 2: there are errors. Shown are all checks and, of " +
    "those that found something, what it was; JSON has everything.",
  examples: [
    "opsi health-check",
    "opsi health-check --checks ssl,disk_usage --detailed",
    "opsi health-check --checkmk",
  ],
  options: {
    checks: { flags: "--checks <ids>", doc: "only these, * is a wildcard", parse: nameList },
    skipChecks: { flags: "--skip-checks <ids>", doc: "not these, * is a wildcard", parse: nameList },
    detailed: { flags: "--detailed", doc: "also what is in order" },
    upgradeCheck: { flags: "--upgrade-check", doc: "only what a later version of opsi will not have any more" },
    checkmk: { flags: "--checkmk", doc: "lines for a local check of Checkmk, whatever --output says" },
  },
  async run(context, { checks, skipChecks, detailed, upgradeCheck, checkmk }) {
    const [isWanted, isSkipped] = [matcher(checks ?? ["*"]), matcher(skipChecks ?? [])];
    using progress = context.progress("Checking the site", { total: null });
    const all = await context.call<Result[]>("service_healthCheck");
    progress.finish();
    const chosen = all.filter(({ check }) => isWanted(check.id) && !isSkipped(check.id));
    const results = upgradeCheck ? chosen.flatMap(withUpgradeIssues) : chosen;
    const exitCode = Math.max(0, ...results.map(({ check_status }) => severity[check_status]));
    return { ...(checkmk ? text(results.map(checkmkLine).join("")) : table(results, detailed)), exitCode };
  },
});

function table(results: readonly Result[], detailed: boolean): Answer {
  const row = (result: Result, advice: string) => ({
    ...{ id: result.check.id, status: result.check_status, message: result.message, advice, details: result.details },
    upgradeIssue: result.upgrade_issue,
  });
  const list = results.flatMap((result) => [
    row(result, result.check_status === "ok" ? "" : result.check.documentation),
    ...result.partial_results.filter((part) => detailed || part.check_status !== "ok").map((part) => row(part, "")),
  ]);
  return rows(list, ["status", "id", "message", "advice"]);
}

/** The parts of a result that are about a later version, in a result of their own. */
function withUpgradeIssues(result: Result): Result[] {
  const parts = result.partial_results.filter((part) => part.upgrade_issue !== null);
  if (parts.length === 0) return [];
  const versions = [...new Set(parts.map((part) => part.upgrade_issue))].sort();
  return [{ ...result, message: `${parts.length} issue(s) with opsi ${versions.join(", ")}.`, partial_results: parts }];
}

/** `<0|1|2> 'opsi: <name>' - <message>`, findings behind it separated by a backslash and an n. (service 8.6) */
function checkmkLine({ check, check_status, message, partial_results }: Result): string {
  const found = partial_results.filter((part) => part.check_status !== "ok").map((part) => part.message);
  const line = [message, ...found].map((part) => part.replaceAll(/\s+/g, " ")).join("\\n");
  return `${severity[check_status]} 'opsi: ${check.name.replaceAll("'", "")}' - ${line}\n`;
}
