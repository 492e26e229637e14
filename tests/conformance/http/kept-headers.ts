import type { Answer } from "./case-client.ts";
import { isHttpTime, withoutLockTokens } from "./placeholders.ts";
import type { Step } from "./recorded-case.ts";

const keptNames = [
  ..."content-type content-length content-encoding content-range content-disposition location".split(" "),
  ..."www-authenticate allow dav ms-author-via etag last-modified accept-ranges lock-token retry-after".split(" "),
  ..."set-cookie x-opsi-error x-opsi-user-id x-opsi-new-host-id x-total-count".split(" "),
];

/** What is known of a body when its headers are kept. */
export interface BodyTraits {
  readonly kind: "empty" | "xml" | "exact" | "other";
  /** An empty body whose length says something: the answer to HEAD. */
  readonly exact: boolean;
  readonly coded: boolean;
}

/** The values of a header in the order in which they came. */
export const headerValues = ({ headers }: Answer, wanted: string): string[] =>
  headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);

/**
 * @param origin of the service, taken out of `Location`
 * @param fixed times of files that the case gives them
 */
export function keptHeaders(
  step: Step,
  answer: Answer,
  body: BodyTraits,
  origin: string,
  fixed: ReadonlySet<string>,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const refusesLogin = headerValues(answer, "www-authenticate").length > 0;
  for (const name of [...keptNames, ...(step.also ?? [])]) {
    if (step.ignore?.includes(name)) continue;
    if (name === "content-length" && (!body.exact || body.coded)) continue;
    if (name === "allow" && step.method !== "OPTIONS") continue;
    if (name === "content-type" && ((body.kind === "empty" && !body.exact) || body.kind === "xml")) continue;
    if ((name === "set-cookie" || name === "x-opsi-user-id") && refusesLogin) continue;
    const values = headerValues(answer, name).map((value) => keptValue(name, value, origin, fixed));
    if (values.length > 0) kept[name] = values.length === 1 ? values[0] : values;
  }
  return kept;
}

function keptValue(name: string, value: string, origin: string, fixed: ReadonlySet<string>): string {
  switch (name) {
    case "set-cookie":
      return keptCookie(value);
    case "etag":
      return value.replace(/[^"/W]+/g, "<etag>");
    case "content-type":
      return value
        .trim()
        .toLowerCase()
        .replace(/\s*;\s*/g, "; ");
    case "location":
      return value.startsWith(`${origin}/`) ? value.slice(origin.length) : value;
    case "allow":
    case "dav":
    case "accept":
    case "accept-encoding":
      return value
        .split(",")
        .map((part) => part.trim())
        .sort()
        .join(", ");
    case "lock-token":
      return withoutLockTokens(value);
    case "server":
      return value.replace(/\d+(\.\d+)+/g, "<version>");
    case "x-date-unix-timestamp":
      return value.replace(/^\d{10}$/, "<seconds>");
    case "server-timing":
      return /^\w+;dur=\d+\.\d{3}(,|$)/.test(value) ? "<timing>" : value;
    case "x-opsi-worker-id":
      return /^[^:]+:\d+$/.test(value) ? "<worker>" : value;
    case "last-modified":
      return !fixed.has(value) && isHttpTime(value) ? "<date>" : value;
    case "date":
      return isHttpTime(value) ? `<date> ${value.slice(-3)}` : value;
    default:
      return value;
  }
}

/** Attributes in lower case and sorted; an id of 32 hex digits is a placeholder. */
function keptCookie(value: string): string {
  const [first = "", ...rest] = value.split(";").map((part) => part.trim());
  const attributes = rest
    .filter((part) => part !== "")
    .map((part) => part.replace(/^[^=]+/, (name) => name.toLowerCase()));
  return [first.replace(/=[0-9a-f]{32}$/, "=<id>"), ...attributes.sort()].join("; ");
}
