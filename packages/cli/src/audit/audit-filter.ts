import { OpsiError } from "@opsi-ts/model";

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A time as one types it, as ISO 8601 in UTC: `2026-01-31`, `2026-01-31T12:00`, or how long ago: `30m`, `2h`, `7d`. */
export function parseMoment(text: string, now = Date.now()): string {
  const [, amount = "", unit = ""] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const time = amount === "" ? Date.parse(text) : now - Number(amount) * (units[unit] ?? Number.NaN);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new OpsiError("ValueError", `'${text}' is no time: say 2026-01-31, 2026-01-31T12:00 or how long ago, like 2h`);
}

/** Which records of the audit trail. */
export const auditSelection = {
  since: { flags: "--since <time>", doc: "from then on: 2026-01-31T12:00, or how long ago: 30m, 2h, 7d", parse },
  until: { flags: "--until <time>", doc: "before then", parse },
  user: { flags: "--user <name>", doc: "changes by this user, * is a wildcard" },
  host: { flags: "--host <id>", doc: "changes by this client or depot, * is a wildcard" },
  address: { flags: "--address <address>", doc: "changes from this address, * is a wildcard" },
  method: { flags: "--method <name>", doc: "changes by this method, * is a wildcard" },
  type: { flags: "--type <name>", doc: "changes of objects of this type: Host, ProductOnClient, ..." },
} as const;

function parse(text: string): string {
  return parseMoment(text);
}

interface AuditSelection {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly address: string | undefined;
  readonly method: string | undefined;
  readonly type: string | undefined;
}

/** The filter of `audit_getRecords`. */
export function auditFilter({ since, until, ...names }: AuditSelection, ident?: string): Record<string, string> {
  const { user, host, address, method, type } = names;
  const all = { from: since, to: until, user, host, address, method, objectType: type, ident };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
