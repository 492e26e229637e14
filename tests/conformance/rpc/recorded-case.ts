import { readFile } from "node:fs/promises";

/** A recorded case: calls that are made in order on a fresh server, and what the original answered. */
export interface RecordedCase {
  readonly title: string;
  readonly topic: string;
  readonly steps: readonly Step[];
  readonly answers: readonly Answer[];
  readonly hostKeys?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export type Comparison = "exact" | "unordered-deep" | "shape" | "type" | "interface";

export interface Step {
  readonly as?: string;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly named?: unknown;
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly omit?: readonly string[];
  readonly batch?: readonly unknown[];
  readonly raw?: string;
  readonly hostKey?: string;
  readonly unordered?: boolean;
  readonly compare?: Comparison;
  readonly save?: Readonly<Record<string, string>>;
  /** The spec calls the original's behavior a defect here: a difference is no failure. */
  readonly defect?: string;
}

export async function readCase(path: string): Promise<RecordedCase> {
  return JSON.parse(await readFile(path, "utf8")) as RecordedCase;
}

/** Replaces `"${name}"` by saved values and `{"$repeat": [text, n]}` by the repeated text. */
export function expand(value: unknown, saved: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === "string") {
    const name = /^\$\{(\w+)\}$/.exec(value)?.[1];
    return name === undefined ? value : (saved.get(name) ?? null);
  }
  if (Array.isArray(value)) return value.map((element) => expand(element, saved));
  if (typeof value !== "object" || value === null) return value;
  const repeat = (value as { $repeat?: [string, number] }).$repeat;
  if (repeat && Object.keys(value).length === 1) return repeat[0].repeat(repeat[1]);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, expand(member, saved)]));
}

/** The part of a result that a path like `0.id` leads to, null where it leads nowhere. */
export function pick(value: unknown, path: string): unknown {
  let found = value;
  for (const part of path.split(".").filter((name) => name !== "")) {
    if (typeof found !== "object" || found === null) return null;
    found = (found as Record<string, unknown>)[part] ?? null;
  }
  return found ?? null;
}

/** The body of a step's request. */
export function requestBody(step: Step, index: number, saved: ReadonlyMap<string, unknown>): string {
  if (step.raw !== undefined) return step.raw;
  if (step.batch !== undefined) return JSON.stringify(expand(step.batch, saved));
  const request: Record<string, unknown> = {
    jsonrpc: "jsonrpc" in step ? step.jsonrpc : "2.0",
    id: "id" in step ? step.id : index + 1,
    method: step.method ?? null,
    params: expand("named" in step ? step.named : (step.params ?? []), saved),
  };
  if (step.params === null) request["params"] = null;
  for (const name of step.omit ?? []) delete request[name];
  return JSON.stringify(request);
}
