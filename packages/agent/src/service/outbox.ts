import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@opsi-ts/logging";
import type { ServiceClient } from "@opsi-ts/protocol";
import { removeDurably, writeDurably } from "../state/durable-file.ts";
import { isAway } from "./service-trouble.ts";

/** A call that the service has to get, now or later. */
interface Letter {
  readonly number: number;
  readonly method: string;
  readonly params: readonly unknown[];
  /** Written by an earlier process, which may have delivered it before it died. */
  readonly old: boolean;
}

/** What came of a delivery: everything is with the service, or it is away. */
export type Delivery = "empty" | "away";

/** More than this is not kept: the oldest logs go first, results never. */
const maximumLetters = 1000;

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

  private constructor(folder: string, letters: Letter[], log: Log) {
    this.#folder = folder;
    this.#log = log.child({ subject: "outbox" });
    this.#letters = letters;
    this.#next = (letters.at(-1)?.number ?? 0) + 1;
  }

  static async open(folder: string, log: Log): Promise<Outbox> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(folder))
      .filter((name) => /^\d+\.json$/.test(name))
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    const letters: Letter[] = [];
    for (const name of names) {
      const letter = parseLetter(await readFile(join(folder, name), "utf8"));
      if (letter === null) log.error({ name }, "unreadable result is left aside");
      else letters.push({ ...letter, number: Number.parseInt(name, 10), old: true });
    }
    return new Outbox(folder, letters, log);
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

  /** Resolves when the call would survive a power failure. */
  async #add(method: string, params: readonly unknown[]): Promise<Letter> {
    const letter: Letter = { number: this.#next++, method, params, old: false };
    await writeDurably(this.#file(letter), JSON.stringify({ method, params }));
    this.#letters.push(letter);
    const victim = this.#letters.find((candidate) => candidate.method === "log_write");
    if (this.#letters.length > maximumLetters && victim !== undefined) {
      this.#log.error({ kept: this.#letters.length }, "too many calls wait for the service, the oldest log is dropped");
      await this.#remove(victim);
    }
    return letter;
  }

  /**
   * Sends what is there, in order, until nothing is left or the service is away. A call that the service refuses is
   * logged and dropped: it would be refused again.
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
      try {
        const service = await client();
        if (!(letter.old && (await wasDelivered(service, letter)))) await service.call(method, params);
        this.#log.debug({ method }, "delivered");
      } catch (error) {
        if (isAway(error)) return "away";
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
    const same =
      known !== undefined && compared.every((name) => (object[name] ?? null) === null || object[name] === known[name]);
    if (!same) return false;
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
