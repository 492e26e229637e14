import { JsonText } from "@opsi-ts/protocol";
import { shortCopy } from "../configuration/short-copy.ts";
import type { CallRecord } from "./rpc-service.ts";

/** A call as administrators see it. (service 1.7, `/admin/rpc-list`) */
export interface PastCall {
  /** Counted from the start of the server. */
  readonly number: number;
  readonly method: string;
  readonly parameters: number;
  readonly results: number;
  /** Milliseconds since the epoch, at its end. */
  readonly time: number;
  /** `<address>/<user agent>` */
  readonly client: string;
  readonly deprecated: boolean;
  readonly failed: boolean;
  readonly milliseconds: number;
}

const kept = 9999;
/** Names of methods that do not exist may be as long as a request, those of programs as long as its head. */
const longestName = 200;

/** The newest calls, in memory. Remembering one costs no more than a few fields. (service 2.7) */
export class CallHistory {
  readonly #calls: PastCall[] = [];
  #count = 0;

  /** All calls since the start. */
  get count(): number {
    return this.#count;
  }

  add({ method, session, milliseconds, error, deprecated, parameters, result }: CallRecord): void {
    const number = ++this.#count;
    this.#calls[(number - 1) % kept] = {
      ...{ number, method: shortCopy(method, longestName), parameters, deprecated, milliseconds },
      results: error === null ? resultCount(result) : 0,
      time: Date.now(),
      client: `${session.address}/${shortCopy(session.userAgent, longestName)}`,
      failed: error !== null,
    };
  }

  /** Milliseconds that each of the newest calls took. */
  meanDuration(newest: number): number {
    const number = Math.min(newest, this.#calls.length);
    let sum = 0;
    for (let back = 1; back <= number; back++) sum += this.#calls[(this.#count - back) % kept]?.milliseconds ?? 0;
    return number === 0 ? 0 : sum / number;
  }

  newestFirst(): PastCall[] {
    return this.#calls.toSorted((a, b) => b.number - a.number);
  }
}

/** Elements of a list; one for anything else. Of a JSON text that nobody counted, the idents tell, unparsed. */
function resultCount(result: unknown): number {
  if (Array.isArray(result)) return result.length;
  if (!(result instanceof JsonText)) return 1;
  const { text, elements } = result;
  if (elements !== null) return elements;
  if (text.length <= 2) return 0;
  const next = (from: number) =>
    typeof text === "string"
      ? text.indexOf(identMember, from)
      : Buffer.from(text.buffer, text.byteOffset, text.length).indexOf(identMember, from);
  let count = 0;
  for (let at = next(0); at >= 0; at = next(at + identMember.length)) count++;
  return Math.max(count, 1);
}

const identMember = '"ident":';
