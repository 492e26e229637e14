import { OpsiError, pythonRepr, rule } from "@opsi-ts/model";
import { type SlotType, slotTypes } from "../depot/transfer-slots.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { configStates, configs } from "./families.ts";

/** Where nothing sensible is configured. */
const defaultLimit = 1000;

/**
 * Slots that a client may hold of a depot. It needs one, but may have died with another a moment ago; with all of them
 * it would stop the distribution of software.
 */
const clientLimit = 3;

function slotType(value: unknown): SlotType {
  const found = slotTypes.find((type) => type === value);
  if (found !== undefined) return found;
  throw new OpsiError("ValueError", `${pythonRepr(value)} is not a valid TransferSlotType`, { field: "slot_type" });
}

/** The caller may be a client, which has no right to read the depot's values. */
export async function slotLimit({ storage }: Call, depotId: string, type: SlotType): Promise<number> {
  const configId = `opsiconfd.transfer.slots_${type}`;
  const [state] = await storage.read(configStates, { filter: { configId, objectId: depotId } });
  const [config] = state ? [] : await storage.read(configs, { filter: { id: configId } });
  const values = state?.["values"] ?? config?.["defaultValues"];
  const [text] = Array.isArray(values) ? values : [];
  return /^\s*\d+\s*$/.test(String(text)) ? Number(text) : defaultLimit;
}

/** A client speaks for itself; everybody else needs rights at a depot. The original lets everybody do everything. */
function check({ access, session }: Call, method: string, hostId: string): void {
  if (session.hostType === "OpsiClient" && session.hostId === hostId) return;
  access.check(method, session);
}

function request(call: Call, method: string, depot: unknown, host: unknown, type: unknown) {
  const found = { depotId: rule.hostId.coerce(depot), hostId: rule.hostId.coerce(host), type: slotType(type) };
  check(call, method, found.hostId);
  return found;
}

/** (methods 9.3) */
export const transferSlotMethods: readonly Method[] = [
  {
    name: "depot_acquireTransferSlot",
    doc: "Takes or keeps a slot for transferring files from a depot.",
    parameters: parameters("depot host slot_id=None slot_type='opsiclientd_product_sync'"),
    result: "dict",
    access: "session",
    run: async (call, depot, host, slotId, type) => {
      const wanted = request(call, "depot_acquireTransferSlot", depot, host, type);
      const id = slotId ? rule.uuid.coerce(slotId) : null;
      const limit = await slotLimit(call, wanted.depotId, wanted.type);
      const hostLimit = call.session.hostType === "OpsiClient" ? clientLimit : limit;
      return call.site.transferSlots.acquire(wanted, id, limit, hostLimit);
    },
  },
  {
    name: "depot_releaseTransferSlot",
    doc: "Gives a slot back.",
    parameters: parameters("depot host slot_id slot_type='opsiclientd_product_sync'"),
    access: "session",
    run: (call, depot, host, slotId, type) => {
      const held = request(call, "depot_releaseTransferSlot", depot, host, type);
      call.site.transferSlots.release(held, rule.uuid.coerce(slotId));
      return null;
    },
  },
  {
    name: "depot_listTransferSlot",
    doc: "The slots of a depot that are taken.",
    parameters: parameters("depot"),
    result: "list[dict]",
    access: "name",
    run: ({ site }, depot) => site.transferSlots.list(rule.hostId.coerce(depot)),
  },
];
