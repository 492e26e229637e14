import { families } from "@opsi-ts/model";
import type { StorageName } from "../dispatch.ts";
import type { ChangeWatch } from "../sql/change-watch.ts";
import { layoutOf } from "../sql/layout.ts";
import { tableNamed } from "../sql/tables.ts";
import { hardwarePrefixes } from "./places.ts";
import type { SitePlan } from "./site-plan.ts";

/**
 * The watch of one of several storages: it sees the changes of objects that are read from there. Of those that it
 * mirrors, or knows the keys of, it would tell a second time.
 */
export function watchOfHome(watch: ChangeWatch, plan: SitePlan, name: StorageName): ChangeWatch {
  const isHere = (prefix: string) => plan.of({ prefix }).home === name;
  const here = new Map<string, boolean>();
  for (const family of families) {
    if (!tableNamed.has(family.base.table)) continue;
    const { table, values } = layoutOf(family);
    for (const each of values ? [table, values.table] : [table]) here.set(each.name, isHere(family.prefix));
  }
  // Tables of the hardware classes have names of their own; the others hold no objects.
  const concerns = (table: string) =>
    here.get(table) ?? isHere(tableNamed.has(table) ? "product" : hardwarePrefixes[0]);
  return {
    attach: (database) => watch.attach(database, concerns),
    attachNotes: (notes) => watch.attachNotes(notes, concerns),
  };
}
