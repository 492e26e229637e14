import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import type { Connection } from "../remote/connection.ts";
import type { DatabaseSettings } from "../remote/database-settings.ts";
import { connect } from "./connect.ts";

const run = promisify(execFile);

/** Debian keeps the programs of each version in a folder of its own, and out of PATH. */
async function programFolder(): Promise<string> {
  const root = "/usr/lib/postgresql";
  const [newest] = (await readdir(root)).sort((a, b) => Number(b) - Number(a));
  if (newest === undefined) throw new Error(`There is no PostgreSQL below ${root}`);
  return join(root, newest, "bin");
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The server refuses to work as root; the package brings this user. */
async function serverUser(): Promise<Owner | null> {
  if (process.getuid?.() !== 0) return null;
  const id = async (option: string) => Number((await run("id", [option, "postgres"])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

/** Nothing waits for the disk: what the process wrote is there after a kill, and only a power failure would tell. */
const usualOptions = [
  "fsync=off",
  "full_page_writes=off",
  "listen_addresses=",
  "autovacuum=off",
  "max_connections=200",
];

/** A PostgreSQL server of a test's own, in a temporary folder, reached by a socket there. */
export class TestPostgresql implements AsyncDisposable {
  /** Of the socket. */
  readonly folder: string;
  readonly #programs: string;
  readonly #owner: Owner | null;
  readonly #longestFile: number | null;
  #process: ChildProcess | null = null;
  #databases = 0;

  private constructor(folder: string, programs: string, owner: Owner | null, longestFile: number | null) {
    this.folder = folder;
    this.#programs = programs;
    this.#owner = owner;
    this.#longestFile = longestFile;
  }

  /** @param longestFile bytes that it may write to one file: then it finds its disk full */
  static async start(longestFile: number | null = null): Promise<TestPostgresql> {
    const [programs, owner] = [await programFolder(), await serverUser()];
    const folder = await mkdtemp(join(tmpdir(), "postgresql-"));
    const server = new TestPostgresql(folder, programs, owner, longestFile);
    try {
      await server.#initialize();
      await server.startAgain();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get #data(): string {
    return join(this.folder, "data");
  }

  async #initialize(): Promise<void> {
    await chmod(this.folder, 0o755);
    if (this.#owner) await chown(this.folder, this.#owner.uid, this.#owner.gid);
    const setup = ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"];
    await run(join(this.#programs, "initdb"), [...setup, "--pgdata", this.#data], { cwd: "/", ...this.#owner });
  }

  /** Settings of a database that does not exist yet. */
  newDatabase(): DatabaseSettings {
    return this.settings(`opsi_${++this.#databases}`);
  }

  settings(database: string): DatabaseSettings {
    const place = { address: this.folder, port: 5432, username: "postgres", password: "" };
    return { ...place, database, connections: 20, tls: null };
  }

  /** Starts the server on its data, after a kill or a stop. */
  async startAgain(): Promise<void> {
    const log: Buffer[] = [];
    const options = [`unix_socket_directories=${this.folder}`, ...usualOptions].flatMap((option) => ["-c", option]);
    const command = [join(this.#programs, "postgres"), "-D", this.#data, ...options];
    const limit = this.#longestFile === null ? "unlimited" : String(this.#longestFile);
    const child = spawn("prlimit", [`--fsize=${limit}`, ...command], {
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe"],
      ...this.#owner,
    });
    this.#process = child;
    child.stderr.on("data", (text: Buffer) => log.push(text));
    const failed = once(child, "exit").then(() => {
      throw new Error(`postgres ended:\n${Buffer.concat(log)}`);
    });
    failed.catch(() => {}); // it ends at some time
    await Promise.race([this.#answers(child), failed]);
  }

  async #answers(child: ChildProcess): Promise<void> {
    while (child.exitCode === null) {
      try {
        return await this.administer(async () => {});
      } catch {
        await setTimeout(20);
      }
    }
  }

  /** Ends the server and all its processes at once, or lets it say goodbye with SIGTERM. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.pid === undefined) return;
    const ended = once(child, "exit");
    child.kill(signal === "SIGTERM" ? "SIGINT" : signal); // with SIGTERM it waits for its clients to go
    await ended;
    // It does not start again while one of them holds the memory that they share; a new one may just have come.
    for (let left = await processesIn(this.#data); left.length > 0; left = await processesIn(this.#data)) {
      if (signal === "SIGKILL") for (const pid of left) killIfThere(pid);
      await setTimeout(10);
    }
  }

  /** Works as the administrator of the server. */
  async administer<T>(work: (connection: Connection) => Promise<T>, database = "postgres"): Promise<T> {
    const connection = await connect(this.settings(database), database);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  }

  dropDatabase(name: string): Promise<void> {
    return this.administer((connection) => connection.execute(`DROP DATABASE ${name} WITH (FORCE)`));
  }

  /** Hangs up on everybody who uses the database. */
  killConnections(database: string): Promise<void> {
    const kill = `DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'; END $$`;
    return this.administer((connection) => connection.execute(kill));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** All processes of the server work in the folder of its data. */
async function processesIn(folder: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const working = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => null)));
  return pids.filter((_pid, index) => working[index] === folder).map(Number);
}

/** Those that see the server go may be gone themselves. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
