import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@opsi-ts/logging";
import { HttpError, type ServiceClient } from "@opsi-ts/protocol";
import { removeDurably, writeDurably } from "../state/durable-file.ts";
import { isAway } from "./service-trouble.ts";

/** A call that the service has to get, now or later. */
interface Letter {
  readonly number: number;
  readonly method: string;
  readonly params: readonly unknown[];
  readonly bytes: number;
  /** The service may have it already: the process that sent it died, or the line broke before the answer came. */
  tried: boolean;
}

/** What came of a delivery: everything is with the service, or it is away. */
export type Delivery = "empty" | "away";

/** More than this is not kept: the oldest logs go first, results never. */
const maximumLetters = 1000;
const maximumBytes = 100_000_000;

/**
 * Results and logs on their way to the service: one durable file per call, removed when the service has it. So a
 * result survives an agent that is killed and a service that is away. Calls are delivered in their order.
 */
export class Outbox {
  readonly #folder: string;
  readonly #log: Log;
  #letters: Letter[];
  #next: number;
  #delivering: Promise<Delivery> | null = null;
  /** Why the service did not want a call; for the one who still waits for it. */
  readonly #refusals = new WeakMap<Letter, unknown>();

  private constructor(folder: string, letters: Letter[], next: number, log: Log) {
    this.#folder = folder;
    this.#log = log.child({ subject: "outbox" });
    this.#letters = letters;
    this.#next = next;
  }

  static async open(folder: string, log: Log): Promise<Outbox> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(folder))
      .filter((name) => /^\d+\.json$/.test(name))
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    const letters: Letter[] = [];
    let last = 0; // also of files left aside: nothing is written over them
    for (const name of names) {
      last = Number.parseInt(name, 10);
      const text = await readFile(join(folder, name), "utf8");
      const letter = parseLetter(text);
      if (letter === null) log.error({ name }, "unreadable result is left aside");
      else letters.push({ ...letter, number: last, bytes: Buffer.byteLength(text), tried: true });
    }
    return new Outbox(folder, letters, last + 1, log);
  }

  get size(): number {
    return this.#letters.length;
  }

  /**
   * Keeps a call durably and tries to deliver it with all that wait before it.
   *
   * @returns `away` if the service is to get it later
   * @throws what the service answered, if it does not want this call
   */
  async send(method: string, params: readonly unknown[], client: () => Promise<ServiceClient>): Promise<Delivery> {
    const letter = await this.#add(method, params);
    for (;;) {
      const delivery = await this.deliver(client);
      if (this.#refusals.has(letter)) throw this.#refusals.get(letter);
      if (delivery === "away" || !this.#letters.includes(letter)) return delivery;
    }
  }

  get #bytes(): number {
    return this.#letters.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Resolves when the call would survive a power failure. On a full disk it would not: then it can only be delivered
   * by this process.
   */
  async #add(method: string, params: readonly unknown[]): Promise<Letter> {
    const text = JSON.stringify({ method, params });
    const letter: Letter = { number: this.#next++, method, params, bytes: Buffer.byteLength(text), tried: false };
    await writeDurably(this.#file(letter), text).catch((error: unknown) => {
      this.#log.error({ method, err: error }, "result or log cannot be kept on the disk");
    });
    this.#letters.push(letter);
    while (this.#letters.length > maximumLetters || this.#bytes > maximumBytes) {
      const victim = this.#letters.find((candidate) => candidate.method === "log_write");
      if (victim === undefined) break;
      this.#log.error({ kept: this.#letters.length }, "too many calls wait for the service, the oldest log is dropped");
      await this.#remove(victim);
    }
    return letter;
  }

  /**
   * Sends what is there, in order, until nothing is left or the service is away. One that does not let us in, or that
   * cannot be verified, is away too. A call that the service refuses is logged and dropped: it would be refused again.
   *
   * @param client asked for a connection when there is something to send
   */
  deliver(client: () => Promise<ServiceClient>): Promise<Delivery> {
    this.#delivering ??= this.#deliverAll(client).finally(() => {
      this.#delivering = null;
    });
    return this.#delivering;
  }

  async #deliverAll(client: () => Promise<ServiceClient>): Promise<Delivery> {
    for (let letter = this.#letters[0]; letter !== undefined; letter = this.#letters[0]) {
      const { method, params } = letter;
      let service: ServiceClient;
      try {
        service = await client();
      } catch (error) {
        if (!isAway(error)) this.#log.error({ err: error }, "no connection to the service, results and logs are kept");
        return "away";
      }
      try {
        if (!(letter.tried && (await wasDelivered(service, letter)))) {
          letter.tried = true;
          await service.call(method, params);
        }
        this.#log.debug({ method }, "delivered");
      } catch (error) {
        if (isAway(error) || isLockedOut(error)) return "away";
        this.#refusals.set(letter, error);
        this.#log.error({ method, err: error }, "service refuses a result or log");
      }
      await this.#remove(letter);
    }
    return "empty";
  }

  async #remove(letter: Letter): Promise<void> {
    this.#letters = this.#letters.filter((candidate) => candidate !== letter);
    await removeDurably(this.#file(letter));
  }

  #file({ number }: Letter): string {
    return join(this.#folder, `${String(number).padStart(8, "0")}.json`);
  }
}

/** Said of us by the service before it looked at the call. */
function isLockedOut(error: unknown): boolean {
  return error instanceof HttpError && (error.status === 401 || error.status === 403);
}

const compared = [
  "installationStatus",
  "actionResult",
  "actionProgress",
  "lastAction",
  "productVersion",
  "packageVersion",
];

/**
 * True if the service shows a result already. The request is not compared: somebody may have set a new one since, which
 * a second delivery would take away.
 */
async function wasDelivered(service: ServiceClient, { method, params }: Letter): Promise<boolean> {
  if (!method.startsWith("productOnClient_update")) return false;
  const objects = [params[0]].flat() as Record<string, unknown>[];
  for (const object of objects) {
    const { productId, productType, clientId } = object;
    const [known] = await service.call<Record<string, unknown>[]>("productOnClient_getObjects", [
      [],
      { productId, productType, clientId },
    ]);
    const told = compared.filter((name) => (object[name] ?? null) !== null);
    if (known === undefined || told.length === 0 || !told.every((name) => object[name] === known[name])) return false;
  }
  return true;
}

function parseLetter(text: string): { method: string; params: readonly unknown[] } | null {
  try {
    const { method, params } = JSON.parse(text) as Record<string, unknown>;
    if (typeof method === "string" && Array.isArray(params)) return { method, params };
  } catch {
    // cannot happen with durable writes; a person may have edited it
  }
  return null;
}
