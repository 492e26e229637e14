import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePort } from "../../packages/protocol/src/testing/free-port.ts";
import { type Finished, Program, run } from "../program.ts";
import { startServerProgram } from "../server-program.ts";

const checkout = join(import.meta.dirname, "../..");
const password = "correct horse battery";
const cliMain = join(checkout, "packages/cli/src/main.ts");

/** One opsi site: a server in a process of its own, and an administrator at the command line. */
export class TestSite implements AsyncDisposable {
  readonly folder: string;
  readonly #port: number;
  #server: Program;

  private constructor(folder: string, port: number, server: Program) {
    this.folder = folder;
    this.#port = port;
    this.#server = server;
  }

  static async start(): Promise<TestSite> {
    await using opening = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "opsi-site-"));
    opening.defer(() => rm(folder, { recursive: true, force: true }));
    const port = await freePort();
    const site = new TestSite(folder, port, await startServer(folder, port));
    opening.move();
    return site;
  }

  get url(): string {
    return `https://localhost:${this.#port}`;
  }

  get root(): string {
    return join(this.folder, "server");
  }

  get server(): Program {
    return this.#server;
  }

  /** The service is started again, after it was stopped or its power was cut. */
  async restart(): Promise<void> {
    this.#server = await startServer(this.folder, this.#port);
  }

  /** What an administrator types behind `opsi`. @throws with what the command said if it fails */
  async opsi(...words: string[]): Promise<string> {
    const finished = await this.tryOpsi(...words);
    if (finished.code !== 0)
      throw new Error(`opsi ${words.join(" ")} ended with ${finished.code}\n${finished.stdout}${finished.stderr}`);
    return finished.stdout;
  }

  /** The same for commands that may fail. */
  tryOpsi(...words: string[]): Promise<Finished> {
    return run(process.execPath, [cliMain, ...words, "--root", this.root], {
      OPSI_SERVICE: this.url,
      OPSI_USERNAME: "admin",
      OPSI_PASSWORD: password,
      HOME: this.folder,
      XDG_CONFIG_HOME: join(this.folder, "config"),
    });
  }

  /** Calls a method of the service. */
  async call<T>(method: string, ...params: unknown[]): Promise<T> {
    const words = params.map((value) => JSON.stringify(value));
    return JSON.parse(await this.opsi("jsonrpc", "execute", method, ...words, "--output", "json")) as T;
  }

  /** Makes a package of files and installs it on the depot. */
  async installPackage(product: TestProduct): Promise<void> {
    const source = join(this.folder, "sources", product.id);
    await writeProduct(source, product);
    const packages = join(this.folder, "packages");
    await mkdir(packages, { recursive: true });
    await this.opsi("package", "make", source, packages);
    await this.opsi("package", "install", join(packages, `${product.id}_1.0-1.opsi`));
  }

  /** A client that is registered; its agent runs when it is started. */
  async newClient(id: string): Promise<TestClient> {
    const client = new TestClient(this, id, join(this.folder, id), await freePort());
    await client.register();
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function startServer(folder: string, port: number): Promise<Program> {
  return startServerProgram(
    { root: join(folder, "server"), port },
    {
      OPSI_ADMIN_PASSWORD: password,
      OPSI_HOST_ID: "server.example.org",
      OPSICONFD_EXTERNAL_URL: `https://localhost:${port}`,
    },
  );
}

export interface TestProduct {
  readonly id: string;
  /** Lines of the setup script below `[Actions]`, and its sections. */
  readonly setup: string;
  readonly priority?: number;
  /** Products that must be installed before. */
  readonly needs?: readonly string[];
}

async function writeProduct(source: string, { id, setup, priority = 0, needs = [] }: TestProduct): Promise<void> {
  const dependencies = needs.map(
    (needed) => `
[[ProductDependency]]
action = "setup"
requiredProduct = "${needed}"
requiredStatus = "installed"
requirementType = "before"
`,
  );
  const control = `[Package]
version = "1"

[Product]
type = "LocalbootProduct"
id = "${id}"
name = "${id}"
version = "1.0"
priority = ${priority}
setupScript = "setup.opsiscript"
${dependencies.join("")}`;
  const contents = { "OPSI/control.toml": control, "CLIENT_DATA/setup.opsiscript": setup };
  for (const [name, text] of Object.entries(contents)) {
    await mkdir(dirname(join(source, name)), { recursive: true });
    await writeFile(join(source, name), text);
  }
}

/** A client machine in a folder: its agent is a process that can be started, stopped and cut off. */
export class TestClient {
  readonly id: string;
  readonly root: string;
  readonly #site: TestSite;
  readonly #controlPort: number;

  constructor(site: TestSite, id: string, root: string, controlPort: number) {
    this.#site = site;
    this.id = id;
    this.root = root;
    this.#controlPort = controlPort;
  }

  async register(): Promise<void> {
    const { url } = this.#site;
    const words = ["agent", "register", "--root", this.root, "--service-address", url, "--service-username", "admin"];
    const finished = await run(process.execPath, [cliMain, ...words, "--client-id", this.id, "--trust"], {
      OPSI_PASSWORD: password,
    });
    if (finished.code !== 0)
      throw new Error(`agent register ended with ${finished.code}\n${finished.stdout}${finished.stderr}`);
  }

  /** One event from its start to its end, as at every start of the machine. */
  async processEvent(): Promise<Finished> {
    await using agent = this.start("--event", "on_demand");
    return await agent.finished();
  }

  /** Starts the agent; without more words it waits for events. */
  start(...words: string[]): Program {
    const parameters = [cliMain, "agent", "run", "--root", this.root, "--control-port", String(this.#controlPort)];
    // what a script leaves behind when its power fails goes with the site
    const environment = { TMPDIR: this.#site.folder };
    return new Program(process.execPath, [...parameters, "--log-level", "6", ...words], environment);
  }

  /** Tells the service where this agent listens; several clients share the address of this machine. */
  async isReachable(): Promise<void> {
    await this.#site.call("host_updateObject", { type: "OpsiClient", id: this.id, ipAddress: "127.0.0.1" });
    const port = { type: "ConfigState", configId: "opsiclientd.control_server.port", objectId: this.id };
    await this.#site.call("configState_updateObjects", { ...port, values: [String(this.#controlPort)] });
  }

  /** What the service knows of a product on this client. */
  async product(productId: string): Promise<Record<string, unknown>> {
    const filter = { clientId: this.id, productId };
    const [found] = await this.#site.call<Record<string, unknown>[]>("productOnClient_getObjects", [], filter);
    return found ?? {};
  }
}
