import { isHash, OpsiError, pythonRepr, rule } from "@opsi-ts/model";
import type { AuditFilter } from "../audit/read-trail.ts";
import { wholeNumber } from "./arguments.ts";
import { type Method, parameters } from "./declare.ts";

const filterNames = ["from", "to", "user", "host", "address", "method", "objectType", "ident"] as const;

/** @throws ValueError naming what cannot be filtered */
function filterOf(given: unknown): AuditFilter {
  if (given === null || given === undefined) return {};
  if (!isHash(given)) throw new OpsiError("ValueError", `Not a filter: ${pythonRepr(given)}`, { field: "filter" });
  const unknown = Object.keys(given).find((name) => !filterNames.some((known) => known === name));
  if (unknown !== undefined) {
    const text = `The audit trail has no '${unknown}': filter by ${filterNames.join(", ")}`;
    throw new OpsiError("ValueError", text, { field: unknown });
  }
  const wanted = Object.entries(given).filter(([, value]) => (value ?? null) !== null);
  return Object.fromEntries(wanted.map(([name, value]) => [name, rule.string.coerce(value)]));
}

/** @throws ValueError */
function numberBetween(name: string, value: unknown, least: number, most: number): number {
  const number = wholeNumber(value);
  if (number >= least && number <= most) return number;
  throw new OpsiError("ValueError", `'${name}' is ${number}, expected ${least} to ${most}`, { field: name });
}

const position = (name: string, value: unknown) =>
  (value ?? null) === null ? null : numberBetween(name, value, 0, Number.MAX_SAFE_INTEGER);

/** Who changed what: ours, the original has nothing of it. */
export const auditTrailMethods: readonly Method[] = [
  {
    name: "audit_getRecords",
    doc: `A page of the audit trail: who changed which objects. The filter may name ${filterNames.join(", ")}; * stands for anything. "next" of the answer, given as "after", leads to the next page; null: there is no more.`,
    parameters: parameters("filter=None after=None count=100 newest_first=False"),
    result: "dict",
    access: "name",
    admin: true,
    run: ({ site }, filter, after, count, newestFirst) =>
      site.audit.read({
        filter: filterOf(filter),
        after: position("after", after),
        count: numberBetween("count", count, 1, 1000),
        newestFirst: rule.bool.coerce(newestFirst),
      }),
  },
  {
    name: "audit_verify",
    doc: 'Whether the audit trail is what was recorded. Without "count" all of it is looked at; with it, "next" of the answer, given as "after", goes on.',
    parameters: parameters("after=None count=None"),
    result: "dict",
    access: "name",
    admin: true,
    run: ({ site }, after, count) =>
      site.audit.verify(
        position("after", after),
        (count ?? null) === null ? Number.POSITIVE_INFINITY : numberBetween("count", count, 1, 1_000_000),
      ),
  },
];
