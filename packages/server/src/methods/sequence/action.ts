import type { OpsiObject } from "@opsi-ts/model";

/** The actions that a product's scripts offer: the first ones win where a product has several. (objects 7) */
export const scriptActions: readonly string[] = ["setup", "update", "always", "once", "custom", "uninstall"];

export function rank(action: string): number {
  const index = scriptActions.indexOf(action);
  if (index >= 0) return index;
  return scriptActions.length + (action === "none" ? 0 : 1);
}

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
