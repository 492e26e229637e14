import { type Action, compareProductIds, rank } from "./action.ts";
import type { ActionTable } from "./collect-actions.ts";

/** Actions that are connected by requirements, in the order in which they are to be done. */
export interface ActionGroup {
  readonly priority: number;
  readonly actions: readonly Action[];
  /** How the order came about, for administrators. */
  readonly sortLog: readonly string[];
}

/**
 * Connected actions in groups, groups by falling priority.
 *
 * @see objects 7, steps 4 to 6
 */
export function groupActions(table: ActionTable): ActionGroup[] {
  const groups: ActionGroup[] = [];
  for (const products of connectedProducts(table)) {
    const actions = [...products].flatMap((id) => actionsOf(table.get(id)));
    if (actions.length > 0) groups.push({ priority: groupPriority(actions), ...order(actions) });
  }
  return groups.sort((a, b) => b.priority - a.priority);
}

/** Requirements without a type do not connect. A merged group stands where its last part was found. */
function connectedProducts(table: ActionTable): Iterable<ReadonlySet<string>> {
  const groups = new Set<ReadonlySet<string>>();
  const groupOf = new Map<string, ReadonlySet<string>>();
  for (const [productId, actions] of table) {
    const found = new Set([productId]);
    for (const { required, dependents } of actions.values()) {
      if (!required) continue;
      for (const { type, action } of dependents) if (type !== "") found.add(action.productId);
    }
    const touched = new Set([...found].flatMap((id) => groupOf.get(id) ?? []));
    const parts = touched.size > 1 ? [...groups].filter((group) => touched.has(group)) : [...touched];
    const merged = new Set([...parts.flatMap((part) => [...part]), ...found]);
    for (const part of parts) groups.delete(part);
    groups.add(merged);
    for (const id of merged) groupOf.set(id, merged);
  }
  return groups;
}

/** All required actions of a product, or the one that was passed in although it asks for nothing. */
function actionsOf(actions: Map<string, Action> | undefined): Action[] {
  const all = [...(actions?.values() ?? [])];
  const required = all.filter((action) => action.required);
  if (required.length > 0) return required;
  return all.filter(({ productOnClient }) => productOnClient !== null).slice(0, 1);
}

/** The highest positive priority, without one the lowest negative. */
function groupPriority(actions: readonly Action[]): number {
  const priorities = actions.filter(({ required }) => required).map(({ priority }) => priority);
  const highest = Math.max(0, ...priorities);
  return highest > 0 ? highest : Math.min(0, ...priorities);
}

const describe = ({ productId, name }: Action) => `${productId}:${name}`;
const describeAll = (actions: readonly Action[]) =>
  actions.map((action) => `${describe(action)}(${action.priority})`).join(", ");

function order(unordered: readonly Action[]): Pick<ActionGroup, "actions" | "sortLog"> {
  const byPriority = (a: Action, b: Action) => b.priority - a.priority;
  const byName = (a: Action, b: Action) => compareProductIds(a, b) || rank(a.name) - rank(b.name);
  const actions = unordered.toSorted((a, b) => byPriority(a, b) || byName(a, b));
  const sortLog = [`Ordered by priority, productId and actionRequest: ${describeAll(actions)}`];
  const dependents = (wanted: "before" | "after") => {
    const found = actions.flatMap((action) => action.dependents.filter(({ type }) => type === wanted));
    return [...new Set(found.map(({ action }) => action))].filter(({ required }) => required);
  };
  const position = ({ productId }: Action) => actions.findIndex((action) => action.productId === productId);
  /** Moves `action` to the place of `origin`. One pass, as the original makes it: circles end with the last move. */
  const moveBeside = (action: Action, side: "before" | "after") => {
    for (const origin of action.from) {
      const target = position(origin);
      const current = position(action);
      if (side === "before" ? current <= target : current >= target) continue;
      sortLog.push(`Sort run #1: Moving ${describe(action)} (#${current}) ${side} ${describe(origin)} (#${target})`);
      const [moved] = actions.splice(current, 1);
      if (moved) actions.splice(target, 0, moved);
    }
  };
  for (const action of dependents("before").sort((a, b) => byPriority(a, b) || byName(a, b)))
    moveBeside(action, "before");
  for (const action of dependents("after").sort((a, b) => byPriority(b, a) || byName(a, b)))
    moveBeside(action, "after");
  sortLog.push(`Order after sort run #1: ${describeAll(actions)}`);
  return { actions, sortLog };
}
