import type { Attributes, Change } from "./change.ts";
import type { TableMeaning } from "./table-meaning.ts";

interface Element {
  readonly attributes: Attributes;
  /** How often it came, less how often it went. */
  balance: number;
}

/** The elements of one object, or the rows that have no key but a number, by what is in them. */
interface Group {
  readonly meaning: TableMeaning;
  readonly ident: string;
  readonly elements: Map<string, Element>;
}

/**
 * Rows whose number means nothing. Writing an object replaces all elements of its lists: what went and came again is
 * no change.
 */
export class Elements {
  readonly #groups = new Map<string, Group>();

  add(meaning: TableMeaning, ident: string, side: "removed" | "added", attributes: Attributes): void {
    const key = `${meaning.table};${ident}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = { meaning, ident, elements: new Map() };
      this.#groups.set(key, group);
    }
    const content = JSON.stringify(attributes);
    let element = group.elements.get(content);
    if (!element) {
      element = { attributes, balance: 0 };
      group.elements.set(content, element);
    }
    element.balance += side === "added" ? 1 : -1;
  }

  /** Adds what is left to the changes of a type; lists to the change of their object, if there is one. */
  addTo(changes: Map<string, Change[]>): void {
    for (const { meaning, ident, elements } of this.#groups.values()) {
      const gone: Attributes[] = [];
      const come: Attributes[] = [];
      for (const { attributes, balance } of elements.values()) {
        const side = balance < 0 ? gone : come;
        for (let times = Math.abs(balance); times > 0; times--) side.push(attributes);
      }
      if (gone.length === 0 && come.length === 0) continue;
      const known = changes.get(meaning.type) ?? [];
      changes.set(meaning.type, known);
      if (meaning.kind === "values") addLists(known, ident, listsOf(gone), listsOf(come));
      else if (gone[0] && come[0] && gone.length + come.length === 2) known.push(changeOf(ident, gone[0], come[0]));
      else {
        known.push(...gone.map((before): Change => ({ ident, before, after: null })));
        known.push(...come.map((after): Change => ({ ident, before: null, after })));
      }
    }
  }
}

/** One went and one came: it is the same one, of which something changed. */
function changeOf(ident: string, gone: Attributes, come: Attributes): Change {
  const names = [...new Set([...Object.keys(gone), ...Object.keys(come)])].filter((name) => gone[name] !== come[name]);
  const side = (all: Attributes) => Object.fromEntries(names.map((name) => [name, all[name] ?? null]));
  return { ident, before: side(gone), after: side(come) };
}

/** The attributes of an object that hold the elements. */
function listsOf(elements: readonly Attributes[]): Attributes {
  const [first] = elements;
  if (first === undefined) return {};
  if (!Object.hasOwn(first, "isDefault")) return { productIds: elements.map(({ productId }) => productId) };
  const values = (list: readonly Attributes[]) => list.map(({ value }) => value);
  return {
    possibleValues: values(elements),
    defaultValues: values(elements.filter(({ isDefault }) => isDefault === 1)),
  };
}

function addLists(changes: Change[], ident: string, gone: Attributes, come: Attributes): void {
  const at = changes.findIndex((change) => change.ident === ident);
  const own = changes[at];
  if (!own) changes.push({ ident, before: gone, after: come });
  else {
    const merge = (side: Attributes | null, lists: Attributes) => side && { ...side, ...lists };
    changes[at] = { ident, before: merge(own.before, gone), after: merge(own.after, come) };
  }
}
