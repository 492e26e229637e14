import type { Call } from "../methods/declare.ts";
import { allChecks } from "./all-checks.ts";
import { type Check, type Finding, type Findings, worst } from "./check.ts";

/** A result as it goes over the wire. (methods 6.2) */
export interface CheckResult {
  readonly check: Readonly<Record<string, unknown>>;
  readonly check_status: Finding["status"];
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly upgrade_issue: string | null;
  readonly partial_results: readonly CheckResult[];
}

/** All checks in the order of the list; one that fails itself is a result, too. */
export function runChecks(call: Call): Promise<CheckResult[]> {
  return Promise.all(allChecks.map((check) => runCheck(check, call)));
}

async function runCheck(check: Check, call: Call): Promise<CheckResult> {
  try {
    return whole(check, await check.run(call));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return result(check, { status: "error", message: `The check failed: ${message}` }, []);
  }
}

function whole(check: Check, findings: Findings): CheckResult {
  const all = Object.values(findings);
  const issues = all.filter(({ status }) => status !== "ok").length;
  const message = issues === 0 ? "No issues found." : `${issues} issue(s) found.`;
  const { partId = check.id } = check;
  const parts = Object.entries(findings).map(([id, finding]) =>
    result({ ...check, id: `${partId}:${id}`, name: `${check.name}: ${id}` }, finding, null),
  );
  return result(check, { status: worst(all.map(({ status }) => status)), message }, parts);
}

/** @param parts null for a part itself */
function result(check: Check, finding: Finding, parts: readonly CheckResult[] | null): CheckResult {
  const { id, name, description, documentation, onDepots = false } = check;
  const { status, message, details = {}, upgradeIssue = null } = finding;
  return {
    check: {
      ...{ id, name, description, documentation, depot_check: onDepots, cache: false, cache_expiration: 0 },
      ...{ partial_checks: [], partial_check: parts === null, cache_partial_checks: false },
    },
    ...{ check_status: status, message, details, upgrade_issue: upgradeIssue, partial_results: parts ?? [] },
  };
}
