import type { Query } from "../storage.ts";
import type { Parameter } from "./fragment.ts";
import type { Layout } from "./layout.ts";
import { type Form, isExact } from "./select.ts";

/** More shapes than programs have; a caller who invents attribute lists pays for the compiling himself. */
const shapesPerLayout = 500;

/** Longer lists are compiled in another way. (objects 5.1) */
const longestList = 10;

/** Begins what stands for a value while a statement is compiled. */
const markSign = "\ue000";

/** A statement that reads objects, with the values of its `?`. */
interface Compiled {
  readonly parameters: readonly Parameter[];
}

/** What a query has in common with others, and what it has not. */
interface Shape {
  readonly key: string;
  readonly values: readonly string[];
}

interface Template<Select> {
  readonly compiled: Select;
  /** For each parameter the place of its value; -1 where it is always the same. */
  readonly places: readonly number[];
}

/**
 * Statements of reads by their shape. Most reads ask for some objects by exact texts, as somebody who sees everything or as
 * a client: for them only the values are bound anew. Hot path (bench: one host by its id; the start of a client), the
 * statement's text has some thousand characters.
 */
export class StatementCache<Select extends Compiled> {
  readonly #compile: (layout: Layout, query: Query, form: Form) => Select;
  readonly #byLayout = new WeakMap<Layout, Map<string, Template<Select>>>();

  constructor(compile: (layout: Layout, query: Query, form: Form) => Select) {
    this.#compile = compile;
  }

  select(layout: Layout, query: Query, form: Form): Select {
    const shape = shapeOf(layout, query, form);
    if (shape === null) return this.#compile(layout, query, form);
    const templates = this.#byLayout.getOrInsertComputed(layout, () => new Map());
    let template = templates.get(shape.key);
    if (!template) {
      template = this.#template(layout, query, form);
      if (templates.size < shapesPerLayout) templates.set(shape.key, template);
    }
    const { compiled, places } = template;
    const parameters = places.map((place, index) => shape.values[place] ?? compiled.parameters[index] ?? null);
    return { ...compiled, parameters };
  }

  /** Compiles the query with marks for its values, to see where they go. */
  #template(layout: Layout, query: Query, form: Form): Template<Select> {
    const places = new Map<Parameter, number>();
    const mark = () => {
      const text = `${markSign}${places.size}`;
      places.set(text, places.size);
      return text;
    };
    const filter = Object.entries(query.filter ?? {}).map(([attribute, value]): [string, unknown] => [
      attribute,
      attribute === "type" ? value : listOf(value).map(mark),
    ]);
    const { restriction } = query;
    const marked = { ...query, filter: Object.fromEntries(filter) };
    const compiled = this.#compile(
      layout,
      restriction ? { ...marked, restriction: { ...restriction, hostId: mark() } } : marked,
      form,
    );
    return { compiled, places: compiled.parameters.map((parameter) => places.get(parameter) ?? -1) };
  }
}

const listOf = (value: unknown): readonly unknown[] =>
  value === null || value === undefined ? [] : Array.isArray(value) ? value : [value];

/** Null for a query with wildcards, comparisons and the like. */
function shapeOf(layout: Layout, { attributes, filter, restriction }: Query, form: Form): Shape | null {
  // As JSON, so that no invented name looks like another list or like a filter
  let key = attributes === undefined || attributes.length === 0 ? form : `${form} ${JSON.stringify(attributes)}`;
  const values: string[] = [];
  for (const attribute in filter) {
    const list = listOf(filter[attribute]);
    if (list.length > longestList || !list.every(isExact)) return null;
    if (attribute === "type") {
      if (list.some((name) => name.startsWith(markSign))) return null;
      key += `;type ${JSON.stringify(list)}`;
      continue;
    }
    if (layout.columns.get(attribute)?.kind !== "name") return null;
    key += `;${attribute} ${list.length}`;
    for (const value of list) values.push(value.trimEnd());
  }
  if (restriction) {
    const { owner, rows, hidden, ownOnly, hostId } = restriction;
    key += `;${owner} ${rows} ${[...hidden]} ${[...ownOnly]}`;
    values.push(hostId);
  }
  return { key, values };
}
