import { OpsiError } from "@opsi-ts/model";
import { Client, Query, type QueryConfig } from "pg";
import { literal } from "../dialect.ts";
import { type Fragment, type Parameter, raw } from "../fragment.ts";
import { Connection, type Driver, type Row } from "../remote/connection.ts";
import type { DatabaseSettings } from "../remote/database-settings.ts";
import { databaseError } from "./database-error.ts";
import { comparable } from "./postgresql-dialect.ts";

/** Statements kept prepared on a connection, the first that come: they are those that come all the time. */
const preparedStatements = 200;

/** Longer statements hardly come again: they are not kept. */
const keptStatementLength = 20_000;

/** Seconds that a statement waits for what another transaction has locked. */
const lockSeconds = 20;

/** Times are those of this computer; a server that does not know its time zone keeps its own. */
const timeZone = literal(Intl.DateTimeFormat().resolvedOptions().timeZone);

const session = [
  [
    `SET lock_timeout = '${lockSeconds}s'`,
    "SET client_min_messages = warning", // what was there already is no news
    "SET random_page_cost = 1.1", // whole tables come in the order of an index, not sorted
    "SET jit = off", // takes longer than our statements do
    "SET standard_conforming_strings = on",
    "SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6", // whose power failed
    `DO $$ BEGIN PERFORM set_config('TimeZone', ${timeZone}, false); EXCEPTION WHEN invalid_parameter_value THEN NULL; END $$`,
  ].join("; "),
];

/**
 * @param database the one to use
 * @param milliseconds that a statement may take
 * @throws BackendTemporaryError where nobody answers, BackendUnableToConnectError for a refusal
 */
export function connect(settings: DatabaseSettings, database: string, milliseconds?: number): Promise<Connection> {
  return Connection.open(new PostgresqlDriver(settings, database), session, milliseconds);
}

/** Numbers are numbers, big ones and all else are texts. (https://www.postgresql.org/docs/current/catalog-pg-type.html) */
const parsers = new Map<number, (text: string) => unknown>([
  [16, (text) => (text === "t" ? 1 : 0)], // boolean
  [21, Number], // smallint
  [23, Number], // integer
  [701, Number], // double precision
]);
const asText = (text: string) => text;
const types = { getTypeParser: (oid: number) => parsers.get(oid) ?? asText };

class PostgresqlDriver implements Driver {
  readonly #client: Client;
  /** Names of statements that the server knows or will know. */
  readonly #prepared = new Map<string, string>();
  /** What the library has read already still arrives. */
  #isPaused = false;
  /** Hands on the rows that have arrived in the meantime. */
  #deliver: () => void = () => {};

  constructor({ address, port, username, password, tls }: DatabaseSettings, database: string) {
    this.#client = new Client({
      host: address,
      port,
      user: username,
      password,
      database,
      application_name: "opsi",
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 60_000,
      // As with MySQL: without a CA any certificate will do.
      ssl: tls
        ? {
            ...tls,
            rejectUnauthorized: tls.ca !== undefined,
            ...(tls.verifyIdentity ? {} : { checkServerIdentity: () => undefined }),
          }
        : false,
      types,
      pipeline: true,
    });
  }

  async connect(onLost: (error: unknown) => void): Promise<void> {
    this.#client.on("error", onLost);
    await this.#client.connect();
  }

  async control(text: string): Promise<void> {
    const { command } = await this.#client.query(text);
    // What failed in between is rolled back without a word.
    if (text === "COMMIT" && command !== "COMMIT") {
      throw new OpsiError("BackendError", "The database has rolled the transaction back");
    }
  }

  each(statement: Fragment, take: (row: Row) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const query = new Query<unknown[]>(this.#config(statement));
      const waiting: Row[] = [];
      let isRead = false;
      this.#deliver = () => {
        let delivered = 0;
        for (; delivered < waiting.length && !this.#isPaused; delivered++) take(waiting[delivered] ?? []);
        waiting.splice(0, delivered);
        if (isRead && waiting.length === 0) resolve();
      };
      query.on("row", (row) => {
        if (this.#isPaused) waiting.push(row);
        else take(row);
      });
      query.on("error", reject);
      query.on("end", () => {
        isRead = true;
        this.#deliver();
      });
      this.#client.query(query);
    });
  }

  async change(statement: Fragment, kind: "change" | "insert"): Promise<number> {
    if (kind === "change") return (await this.#client.query(this.#config(statement))).rowCount ?? 0;
    const number = this.#config(raw("SELECT lastval()"));
    const [, { rows }] = await Promise.all([
      this.#client.query(this.#config(statement)),
      this.#client.query<unknown[]>(number),
    ]);
    return Number(rows[0]?.[0]);
  }

  async changeAll(statements: readonly Fragment[]): Promise<void> {
    const { stream } = this.#client.connection;
    stream.cork(); // all of them in one packet
    const changes = statements.map((statement) => this.#client.query(this.#config(statement)));
    stream.uncork();
    await Promise.all(changes);
  }

  #config(statement: Fragment): QueryConfig & { rowMode: "array" } {
    const { text, values } = numbered(statement);
    return { ...this.#named(text), text, values, rowMode: "array" };
  }

  #named(text: string): { name?: string } {
    let name = this.#prepared.get(text);
    if (name === undefined && this.#prepared.size < preparedStatements && text.length <= keptStatementLength) {
      name = `opsi_${this.#prepared.size}`;
      this.#prepared.set(text, name);
    }
    return name === undefined ? {} : { name };
  }

  pause(): void {
    this.#isPaused = true;
    this.#client.connection.stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliver();
    if (!this.#isPaused) this.#client.connection.stream.resume();
  }

  end(): Promise<void> {
    return this.#client.end();
  }

  destroy(): void {
    this.#client.connection.stream.destroy();
  }

  failure(error: unknown): unknown {
    return databaseError(error);
  }
}

/**
 * `?` becomes `$1` and so on. A number says of what type it is: beside a column of integers the server would refuse
 * 0.5, and what is beyond their range.
 */
function numbered({ text, parameters }: Fragment): { text: string; values: (string | null)[] } {
  let count = 0;
  const counted = text.replace(/'[^']*'|"[^"]*"|\?/g, (found) => {
    if (found !== "?") return found;
    const value = parameters[count++];
    return `$${count}${typeof value === "number" || typeof value === "bigint" ? `::${numberType(value)}` : ""}`;
  });
  return { text: counted, values: parameters.map(bound) };
}

const bound = (value: Parameter) => (value === null ? null : comparable(String(value)));

function numberType(value: number | bigint): string {
  if (typeof value === "number" && !Number.isSafeInteger(value)) return "float8";
  if (value >= -(2 ** 31) && value < 2 ** 31) return "int4";
  return value >= -(2n ** 63n) && value < 2n ** 63n ? "int8" : "numeric";
}
