import type { Query } from "../storage.ts";
import type { Dialect } from "./dialect.ts";
import type { Parameter } from "./fragment.ts";
import type { Layout } from "./layout.ts";
import { type Form, isExact, type SelectObjects, selectObjects } from "./select.ts";

/** More shapes than programs have; a caller who invents attribute lists pays for the compiling himself. */
const shapesPerLayout = 200;

interface Compiled {
  readonly text: string;
  readonly arrayText: string;
  readonly selective: boolean;
}

/**
 * Statements of reads by their shape. Most reads ask for some objects by exact texts: for them only the values are
 * bound anew. Hot path (bench: one host by its id), the statement's text has some thousand characters.
 */
export class StatementCache {
  readonly #dialect: Dialect;
  readonly #byLayout = new Map<Layout, Map<string, Compiled>>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  select(layout: Layout, query: Query, form: Form): SelectObjects {
    const { attributes, filter = {}, restriction } = query;
    if (restriction !== undefined) return selectObjects(layout, query, form, this.#dialect);
    // As JSON, so that no invented name looks like another list or like a filter
    let shape = attributes === undefined || attributes.length === 0 ? form : `${form} ${JSON.stringify(attributes)}`;
    const parameters: Parameter[] = [];
    for (const attribute in filter) {
      const value = filter[attribute];
      if (!isExact(value) || layout.columns.get(attribute)?.kind !== "name") {
        return selectObjects(layout, query, form, this.#dialect);
      }
      shape += `;${attribute}`;
      parameters.push(value.trimEnd());
    }
    const shapes = this.#shapes(layout);
    let compiled = shapes.get(shape);
    if (!compiled) {
      const { statement, array, selective } = selectObjects(layout, query, form, this.#dialect);
      compiled = { text: statement.text, arrayText: array.text, selective };
      if (shapes.size < shapesPerLayout) shapes.set(shape, compiled);
    }
    const { text, arrayText, selective } = compiled;
    return { statement: { text, parameters }, array: { text: arrayText, parameters }, selective };
  }

  #shapes(layout: Layout): Map<string, Compiled> {
    let shapes = this.#byLayout.get(layout);
    if (!shapes) {
      shapes = new Map();
      this.#byLayout.set(layout, shapes);
    }
    return shapes;
  }
}
