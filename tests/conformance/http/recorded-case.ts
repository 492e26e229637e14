import { readFile } from "node:fs/promises";
import { isRecord } from "../json-values.ts";

/** A recorded case: requests that are made in order on a fresh server, and what the original answered. */
export interface RecordedCase {
  readonly title: string;
  readonly topic: string;
  readonly hostKeys?: Readonly<Record<string, string>>;
  readonly setup?: readonly { readonly method: string; readonly params?: readonly unknown[]; readonly as?: string }[];
  readonly files?: readonly (Content & CaseFile)[];
  readonly steps: readonly Step[];
  readonly answers: readonly Kept[];
}

/** Bytes of a file or body; `size`: the decimal numbers from 0, one a line, cut there. */
export interface Content {
  readonly text?: string;
  readonly base64?: string;
  readonly size?: number;
}

export interface CaseFile {
  readonly folder: string;
  readonly path: string;
  readonly directory?: boolean;
  readonly link?: string;
  /** seconds */
  readonly mtime?: number;
}

export interface Part extends Content {
  readonly name: string;
  readonly filename?: string;
  readonly type?: string;
}

export type Encoding = "msgpack" | "gzip" | "deflate" | "raw-deflate" | "lz4";

export interface Step {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly as?: string;
  readonly login?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly cookie?: string;
  readonly json?: unknown;
  readonly body?: Content;
  readonly multipart?: readonly Part[];
  readonly encode?: readonly Encoding[];
  /** bytes */
  readonly chunked?: number;
  readonly raw?: string;
  /** seconds */
  readonly wait?: number;
  readonly save?: Readonly<Record<string, string>>;
  readonly also?: readonly string[];
  readonly ignore?: readonly string[];
  readonly keep?: "kind";
  readonly match?: readonly string[];
  readonly compare?: "exact" | "headers" | "status" | "shape" | "unordered" | "lines" | "refused";
  /** The spec calls the original's behavior a defect here: a difference is no failure. */
  readonly defect?: string;
}

/** An answer in the form in which it is kept and compared. */
export interface Kept {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function readCase(path: string): Promise<RecordedCase> {
  return JSON.parse(await readFile(path, "utf8")) as RecordedCase;
}

/** Puts saved values for `${name}`, dates for `${daysAgo:n}` and long texts for `{"$repeat": [text, n]}`. */
export function fill<T>(value: T, saved: ReadonlyMap<string, string>): T {
  return filled(value, saved) as T;
}

function filled(value: unknown, saved: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return value
      .replace(/\$\{daysAgo:(\d+)\}/g, (_, days: string) => daysAgo(Number(days)))
      .replace(/\$\{(\w+)\}/g, (found, name: string) => saved.get(name) ?? found);
  }
  if (Array.isArray(value)) return value.map((element) => filled(element, saved));
  if (!isRecord(value)) return value;
  const repeat = value["$repeat"];
  if (Array.isArray(repeat) && Object.keys(value).length === 1) return String(repeat[0]).repeat(Number(repeat[1]));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, saved)]));
}

/** A local date, as the server writes its time stamps. */
function daysAgo(days: number): string {
  const day = new Date(Date.now() - 86_400_000 * days);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
