import type { OpsiObject } from "@opsi-ts/model";

export type ActionName = "setup" | "update" | "always" | "once" | "custom" | "uninstall" | "none";

/** Order of the actions: the first ones win where a product has several. (objects 7) */
const ranks: Readonly<Record<string, number>> = {
  setup: 1,
  update: 2,
  always: 3,
  once: 4,
  custom: 5,
  uninstall: 6,
  none: 7,
};

export const rank = (action: string): number => ranks[action] ?? Object.keys(ranks).length + 1;

/** The actions that a product's scripts offer, in the order in which one is chosen. */
export const scriptActions = ["setup", "update", "always", "once", "custom", "uninstall"] as const;

export type RequirementType = "before" | "after" | "";

/** Something to be done with a product on one client, and why. */
export interface Action {
  readonly productId: string;
  readonly name: string;
  /** Negated for uninstall: what is installed first is removed last. */
  readonly priority: number;
  required: boolean;
  /** The ProductOnClient that asked for it; null if only dependencies did. */
  productOnClient: OpsiObject | null;
  /** The actions that depend on this one. */
  readonly from: Action[];
  /** The actions that this one depends on. */
  readonly dependents: { readonly type: RequirementType; readonly action: Action }[];
}

export function compareProductIds(a: Action, b: Action): number {
  return a.productId < b.productId ? -1 : a.productId > b.productId ? 1 : 0;
}
