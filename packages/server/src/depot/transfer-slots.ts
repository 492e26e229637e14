import { randomInt, randomUUID } from "node:crypto";

export const slotTypes = ["opsiclientd_product_sync", "opsi_package_updater"] as const;
export type SlotType = (typeof slotTypes)[number];

/** Seconds for which a slot is held; whoever goes on asks again before. */
const retention = 60;
/** More than a site can use; whoever invents depots gets no further. */
const mostSlots = 100_000;

interface Held {
  readonly depotId: string;
  readonly hostId: string;
  readonly slotId: string;
  readonly type: SlotType;
  readonly expires: number;
}

/** A slot as it goes over the wire. */
export interface TransferSlot {
  readonly depot_id: string | null;
  readonly host_id: string | null;
  readonly slot_id: string | null;
  readonly slot_type: SlotType;
  /** Seconds to wait where there was no slot left. */
  readonly retry_after: number | null;
  readonly retention: number;
}

export interface SlotRequest {
  readonly depotId: string;
  readonly hostId: string;
  readonly type: SlotType;
}

const keyOf = ({ depotId, hostId, type }: SlotRequest, slotId: string) => `${depotId};${type};${hostId};${slotId}`;

const onWire = ({ depotId, hostId, slotId, type }: Held): TransferSlot => ({
  ...{ depot_id: depotId, host_id: hostId, slot_id: slotId, slot_type: type, retry_after: null, retention },
});

/** Who may transfer files of which depot just now: so many at a time, each for a minute. (methods 9.3) */
export class TransferSlots {
  readonly #held = new Map<string, Held>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * @param slotId that of a slot that is held already, or null for a new one
   * @param limit slots of the depot
   * @param hostLimit those of them that the host may hold
   */
  acquire(request: SlotRequest, slotId: string | null, limit: number, hostLimit = limit): TransferSlot {
    this.#forgetExpired();
    const holds = slotId !== null && this.#held.has(keyOf(request, slotId));
    if (!holds && (this.#isTaken(request, limit, hostLimit) || this.#held.size >= mostSlots)) {
      return {
        ...{ depot_id: null, host_id: null, slot_id: null, slot_type: slotTypes[0] },
        ...{ retry_after: randomInt(retention, 2 * retention + 1), retention },
      };
    }
    const id = slotId ?? randomUUID();
    const held = { ...request, slotId: id, expires: this.#now() + retention * 1000 };
    this.#held.set(keyOf(request, id), held);
    return onWire(held);
  }

  release(request: SlotRequest, slotId: string): void {
    this.#held.delete(keyOf(request, slotId));
  }

  list(depotId: string): TransferSlot[] {
    this.#forgetExpired();
    return [...this.#held.values()].filter((held) => held.depotId === depotId).map(onWire);
  }

  #isTaken({ depotId, hostId, type }: SlotRequest, limit: number, hostLimit: number): boolean {
    let ofDepot = 0;
    let ofHost = 0;
    for (const held of this.#held.values()) {
      if (held.depotId !== depotId || held.type !== type) continue;
      ofDepot++;
      if (held.hostId === hostId) ofHost++;
    }
    return ofDepot >= limit || ofHost >= hostLimit;
  }

  #forgetExpired(): void {
    for (const [key, { expires }] of this.#held) if (expires <= this.#now()) this.#held.delete(key);
  }
}
