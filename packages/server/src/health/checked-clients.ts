import { timestamp } from "@opsi-ts/model";
import { configValues } from "../methods/config-values.ts";
import type { Call } from "../methods/declare.ts";
import { hosts } from "../methods/families.ts";

const activeDays = 90;
const enabled = "opsi.check.enabled";
const downtime = { start: "opsi.check.downtime.start", end: "opsi.check.downtime.end" };

/** Ids of clients that were there lately and that nobody has taken out of the checks. (service 8.6) */
export async function checkedClients(call: Call): Promise<string[]> {
  const since = timestamp(new Date(Date.now() - activeDays * 86_400_000));
  const active = await call.storage.readIdents(hosts, { filter: { type: "OpsiClient", lastSeen: `>${since}` } });
  const values = await configValues(call, [enabled, downtime.start, downtime.end], []);
  const now = timestamp();
  return active
    .map(({ id }) => String(id))
    .filter((id) => {
      const own = values.get(id);
      const first = (name: string) => own?.get(name)?.[0];
      return first(enabled) !== false && !isDowntime(now, first(downtime.start), first(downtime.end));
    });
}

/** A downtime without end goes on; without a start there is none. */
function isDowntime(now: string, start: unknown, end: unknown): boolean {
  if (typeof start !== "string" || start === "" || now < start) return false;
  return typeof end !== "string" || end === "" || now <= end;
}
