export const outputFormats = ["auto", "table", "json", "pretty-json", "msgpack", "csv", "lines"] as const;
export type OutputFormat = (typeof outputFormats)[number];

export type Row = Readonly<Record<string, unknown>>;

/** What a command answers; how it is shown is not its business. */
export type Answer = (
  | { readonly kind: "rows"; readonly rows: readonly Row[]; readonly columns: readonly string[] }
  | { readonly kind: "value"; readonly value: unknown }
  /** Bytes are written as they are. */
  | { readonly kind: "text"; readonly text: string | Uint8Array }
  | { readonly kind: "nothing" }
) & {
  /** The command did its work, but not all of it succeeded: said on stderr behind the answer, exit code 1. */
  readonly failure?: string | undefined;
  /** Of another program that was run. */
  readonly exitCode?: number | undefined;
};

/**
 * A list of objects. JSON shows all of each, the other formats the named columns (or those of `--attributes`).
 *
 *     return rows(clients, ["id", "description"]);
 */
export function rows(list: readonly Row[], columns: readonly string[], failure?: string): Answer {
  return { kind: "rows", rows: list, columns, failure };
}

/** Any JSON value; shown as rows where it is a list of objects. */
export function value(content: unknown): Answer {
  return { kind: "value", value: content };
}

/** Text that is the result itself, whatever the output format: a completion script. */
export function text(content: string): Answer {
  return { kind: "text", text: content };
}
