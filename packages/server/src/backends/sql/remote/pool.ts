import { OpsiError } from "@opsi-ts/model";
import type { Connection } from "./connection.ts";

/** Milliseconds to wait for a connection while all are in use. (storage 3.2) */
const patience = 30_000;

/** Connections to one database: opened when needed, kept for the next who needs one. */
export class Pool implements AsyncDisposable {
  readonly #connect: () => Promise<Connection>;
  readonly #limit: number;
  readonly #idle: Connection[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #closed = false;

  /** @param limit connections at the same time */
  constructor(connect: () => Promise<Connection>, limit: number) {
    this.#connect = connect;
    this.#limit = limit;
  }

  /** Lends a connection. @throws BackendTemporaryError when none becomes free in time */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.#placeFree();
    let connection: Connection | undefined;
    try {
      connection = this.#takeIdle() ?? (await this.#connect());
      return await work(connection);
    } finally {
      if (connection && !connection.isLost) {
        if (this.#closed) await connection.close();
        else this.#idle.push(connection);
      }
      const next = this.#waiting.shift();
      if (next)
        next(); // the place is handed on: nobody may take it in between
      else this.#taken--;
    }
  }

  async #placeFree(): Promise<void> {
    if (this.#closed) throw new OpsiError("BackendTemporaryError", "The database is being closed");
    if (this.#taken >= this.#limit) await this.#turn();
    else this.#taken++;
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const awake = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(awake), 1);
        reject(new OpsiError("BackendTemporaryError", "All connections to the database are in use, try again"));
      }, patience);
      this.#waiting.push(awake);
    });
  }

  /** The last one that was given back: it has most probably not been closed by the server meanwhile. */
  #takeIdle(): Connection | undefined {
    let connection = this.#idle.pop();
    while (connection?.isLost) connection = this.#idle.pop();
    return connection;
  }

  /** Those in use are closed when they are given back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map((connection) => connection.close()));
  }
}
