import { depot, other, own, type RpcAnswer, server } from "../faults/fault-site.ts";
import type { TableChange } from "./restorable-database.ts";

/** What came of one call. */
export interface Outcome {
  readonly params: readonly unknown[];
  readonly answer: RpcAnswer;
  readonly changes: readonly TableChange[];
}

/**
 * `all`: does what it does for an administrator. `own`: less than that, only what belongs to the caller.
 * `no`: is refused. `error`: is permitted, but what the test calls it with does not work out for anybody.
 */
export type Verdict = "all" | "own" | "no" | "error";

const isDenied = ({ answer: { error } }: Outcome) =>
  error?.class === "OpsiServicePermissionError" || error?.class === "status 401" || error?.class === "status 403";
const succeeds = ({ answer: { error } }: Outcome) => error === null;

/**
 * @param measure what came of the same calls for an administrator
 * @param telling whether every call does something; otherwise those do not count that neither show nor change anything
 *   for an administrator: nobody is refused a list of nothing
 */
export function judge(outcomes: readonly Outcome[], measure: readonly Outcome[], telling: boolean): Verdict {
  const isEmpty = (outcome: Outcome) => !telling && showsNothing(outcome);
  const pairs = outcomes.map((outcome, index) => ({ outcome, whole: measure[index] ?? outcome }));
  const counting = pairs.filter(({ whole }) => succeeds(whole) && !isEmpty(whole));
  if (counting.length === 0) return outcomes.some(isDenied) ? "no" : "error";
  const working = counting.filter(({ outcome }) => succeeds(outcome) && !isEmpty(outcome));
  if (working.length === 0) return "no";
  return counting.some(({ outcome, whole }) => isLess(outcome, whole)) ? "own" : "all";
}

const showsNothing = ({ answer: { result }, changes }: Outcome) =>
  changes.length === 0 && (result === null || /^(""|\[\]|\{\})$/.test(JSON.stringify(result)));

const hosts = [own.id, other.id, depot.id, server.id, "depot2.corpus.test"];

function isLess(outcome: Outcome, measure: Outcome): boolean {
  if (!succeeds(outcome)) return true;
  const [text, whole] = [JSON.stringify(outcome.answer.result), JSON.stringify(measure.answer.result)];
  if (hosts.some((host) => whole.includes(host) && !text.includes(host))) return true;
  const amount = ({ changes }: Outcome) =>
    changes.reduce((sum, { added, gone }) => sum + added.length + gone.length, 0);
  return amount(outcome) < amount(measure);
}

/** What clients tell about programs and devices that many have: a row may become another one, none may go. */
const shared = /^(SOFTWARE|HARDWARE_DEVICE_\w+)$/;
/** Clients may add what is missing. */
const additive = /^(CONFIG|CONFIG_VALUE)$/;

/** Rows of others that a client has changed. */
export function trespasses({ changes }: Outcome, clientId: string): string[] {
  return changes.flatMap(({ table, added, gone }) => {
    const isForeign = (row: string) => !row.includes(`"${clientId}"`);
    const told = (rows: readonly string[]) => rows.map((row) => `${table}: ${row}`);
    if (shared.test(table)) return gone.length > added.length ? told(gone) : [];
    return told(additive.test(table) ? gone : [...added, ...gone].filter(isForeign));
  });
}
