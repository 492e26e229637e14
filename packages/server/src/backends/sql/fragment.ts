/** A piece of SQL with the values of its `?` in order. */
export interface Fragment {
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

export type Parameter = string | number | bigint | null;

const isFragment = (value: Fragment | Parameter): value is Fragment => typeof value === "object" && value !== null;

/** SQL text that is a constant of ours: names, operators, literals. Never input. */
export const raw = (text: string): Fragment => ({ text, parameters: [] });

/**
 * A statement with values bound, never spliced in.
 *
 * @example sql`SELECT * FROM ${raw('"HOST"')} WHERE "hostId" = ${id}`
 */
export function sql(strings: TemplateStringsArray, ...values: readonly (Fragment | Parameter)[]): Fragment {
  let text = strings[0] ?? "";
  const parameters: Parameter[] = [];
  for (const [index, value] of values.entries()) {
    if (isFragment(value)) {
      text += value.text;
      parameters.push(...value.parameters);
    } else {
      text += "?";
      parameters.push(value);
    }
    text += strings[index + 1] ?? "";
  }
  return { text, parameters };
}

export function join(fragments: readonly Fragment[], separator: string): Fragment {
  return {
    text: fragments.map(({ text }) => text).join(separator),
    parameters: fragments.flatMap(({ parameters }) => parameters),
  };
}

export const empty: Fragment = raw("");
