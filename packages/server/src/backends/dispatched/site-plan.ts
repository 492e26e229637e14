import type { Family } from "@opsi-ts/model";
import type { StorageName } from "../dispatch.ts";
import { hardwarePrefixes, type Places } from "./places.ts";
import { foreignFamilies } from "./references.ts";

/** Where the objects of one prefix are. */
export interface Place {
  /** Is read. */
  readonly home: StorageName;
  /** Gets what is written: the home and its mirrors. */
  readonly kept: readonly StorageName[];
  /** Know the keys only, as objects of theirs refer to them. */
  readonly keys: readonly StorageName[];
}

/** Which storage has what of a site. */
export class SitePlan {
  readonly #places: ReadonlyMap<string, Place>;
  /** The families of which a storage knows the keys only, each after those that it refers to. */
  readonly foreign: ReadonlyMap<StorageName, readonly Family[]>;

  constructor(given: ReadonlyMap<string, Places>) {
    const names = new Set([...given.values()].flat());
    const keptBy = (name: StorageName) => [...given].flatMap(([prefix, kept]) => (kept.includes(name) ? [prefix] : []));
    const foreign = new Map([...names].map((name) => [name, foreignFamilies(new Set(keptBy(name)))]));
    this.foreign = foreign;
    this.#places = new Map(
      [...given].map(([prefix, kept]) => {
        const keys = [...names].filter((name) => foreign.get(name)?.some((family) => family.prefix === prefix));
        return [prefix, { home: kept[0], kept, keys }];
      }),
    );
  }

  of({ prefix }: Pick<Family, "prefix">): Place {
    const place = this.#places.get(prefix);
    if (!place) throw new Error(`No place for ${prefix}`);
    return place;
  }

  /** Models of devices and the pieces of them are in one place. */
  get hardware(): Place {
    return this.of({ prefix: hardwarePrefixes[0] });
  }
}
