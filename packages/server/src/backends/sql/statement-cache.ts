import type { Query } from "../storage.ts";
import type { Parameter } from "./fragment.ts";
import type { Layout } from "./layout.ts";
import { type Form, isExact } from "./select.ts";

/** More shapes than programs have; a caller who invents attribute lists pays for the compiling himself. */
const shapesPerLayout = 200;

/** A statement that reads objects, with the values of its `?` in the order of the filter. */
interface Compiled {
  readonly parameters: readonly Parameter[];
}

/**
 * Statements of reads by their shape. Most reads ask for some objects by exact texts: for them only the values are
 * bound anew. Hot path (bench: one host by its id), the statement's text has some thousand characters.
 */
export class StatementCache<Select extends Compiled> {
  readonly #compile: (layout: Layout, query: Query, form: Form) => Select;
  readonly #byLayout = new Map<Layout, Map<string, Select>>();

  constructor(compile: (layout: Layout, query: Query, form: Form) => Select) {
    this.#compile = compile;
  }

  select(layout: Layout, query: Query, form: Form): Select {
    const { attributes, filter = {}, restriction } = query;
    if (restriction !== undefined) return this.#compile(layout, query, form);
    // As JSON, so that no invented name looks like another list or like a filter
    let shape = attributes === undefined || attributes.length === 0 ? form : `${form} ${JSON.stringify(attributes)}`;
    const parameters: Parameter[] = [];
    for (const attribute in filter) {
      const value = filter[attribute];
      if (!isExact(value) || layout.columns.get(attribute)?.kind !== "name") return this.#compile(layout, query, form);
      shape += `;${attribute}`;
      parameters.push(value.trimEnd());
    }
    const shapes = this.#shapes(layout);
    let compiled = shapes.get(shape);
    if (!compiled) {
      compiled = this.#compile(layout, query, form);
      if (shapes.size < shapesPerLayout) shapes.set(shape, compiled);
    }
    return { ...compiled, parameters };
  }

  #shapes(layout: Layout): Map<string, Select> {
    let shapes = this.#byLayout.get(layout);
    if (!shapes) {
      shapes = new Map();
      this.#byLayout.set(layout, shapes);
    }
    return shapes;
  }
}
