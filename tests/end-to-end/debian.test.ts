import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Finished, run } from "../program.ts";
import { TestSite } from "./site.ts";

/** A Debian system in a folder. What runs in it sees its files as `/`, and the checkout at its place. */
class DebianSystem {
  readonly root: string;
  readonly #checkout = join(import.meta.dirname, "../..");

  constructor(root: string) {
    this.root = root;
  }

  async install(): Promise<void> {
    await chmod(this.root, 0o755); // apt fetches as a user of its own
    const { code, stdout, stderr } = await run("debootstrap", [
      "--variant=minbase",
      "--include=libatomic1",
      "bookworm",
      this.root,
    ]);
    if (code !== 0) throw new Error(`debootstrap ended with ${code}\n${stdout}\n${stderr}`);
    // The machine's own way to the package archives.
    for (const name of ["etc/apt/apt.conf.d", "etc/ssl/certs", "etc/resolv.conf", "etc/hosts"]) {
      if (existsSync(join("/", name)))
        await cp(join("/", name), join(this.root, name), { recursive: true, dereference: true });
    }
    await mkdir(join(this.root, this.#checkout), { recursive: true });
  }

  /** Runs a program as root of this system. What it starts ends with it. */
  async run(
    program: string,
    parameters: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<Finished> {
    const script = `set -e
mount --make-rprivate /
mount --bind "$1" "$2$1"
mount -t proc proc "$2/proc"
mount --bind /dev "$2/dev"
root=$2
shift 2
exec chroot "$root" "$@"`;
    const words = ["-c", script, "chroot", this.#checkout, this.root, program, ...parameters];
    return run("unshare", ["--mount", "--pid", "--fork", "--kill-child", "bash", ...words], environment);
  }
}

const minutes = 60_000;
const password = "correct horse battery";
const cli = join(import.meta.dirname, "../../packages/cli/src/main.ts");
const opened = new AsyncDisposableStack();
let site: TestSite;
let debian: DebianSystem;

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "opsi-debian-"));
  opened.defer(() => rm(root, { recursive: true, force: true }));
  debian = new DebianSystem(root);
  await debian.install();
  site = opened.use(await TestSite.start());
}, 5 * minutes);
afterAll(() => opened.disposeAsync(), minutes);

async function agent(...words: string[]): Promise<void> {
  const finished = await debian.run(process.execPath, [cli, "agent", ...words], { OPSI_PASSWORD: password });
  if (finished.code !== 0) throw new Error(`agent ${words.join(" ")} ended with ${finished.code}\n${finished.stderr}`);
}

const isInstalled = async () => (await debian.run("dpkg-query", ["--show", "hello"])).code === 0;

test("the agent installs and removes a Debian package on a Debian client", { timeout: 6 * minutes }, async () => {
  const id = "debian1.example.org";
  const source = join(site.folder, "debian-package");
  await cp(join(import.meta.dirname, "../../products/debian-package"), source, { recursive: true });
  await site.opsi("package", "make", source, site.folder);
  const file = (await readdir(site.folder)).find((name) => name.endsWith(".opsi")) ?? "";
  await site.opsi("package", "install", join(site.folder, file));
  const service = ["--service-address", site.url, "--service-username", "admin"];
  await agent("register", ...service, "--client-id", id, "--trust");
  expect(await isInstalled()).toBe(false);

  const request = (action: string) =>
    site.opsi(
      "client-action",
      "set-action-request",
      "--clients",
      id,
      "--products",
      "debian-package",
      "--request",
      action,
    );
  const state = async () => (await site.call<object[]>("productOnClient_getObjects", [], { clientId: id }))[0];
  await request("setup");
  await agent("run", "--event", "on_demand");
  expect(await state()).toMatchObject({
    installationStatus: "installed",
    actionRequest: "none",
    actionResult: "successful",
  });
  expect(await isInstalled()).toBe(true);
  expect((await debian.run("hello", [])).stdout).toContain("Hello, world!");
  expect(await site.call("log_read", "instlog", id)).toContain("Setting up hello");

  await request("uninstall");
  await agent("run", "--event", "on_demand");
  expect(await state()).toMatchObject({ installationStatus: "not_installed", actionRequest: "none" });
  expect(await isInstalled()).toBe(false);
});
