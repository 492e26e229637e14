import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  families,
  fromHash,
  OpsiConfigserver,
  type OpsiObject,
  objectTypes,
} from "../../../packages/model/src/index.ts";
import { SqliteStorage } from "../../../packages/server/src/backends/sql/sqlite/sqlite-storage.ts";
import type { Depot } from "../../../packages/server/src/depot/depot.ts";
import type { DataType } from "../../../packages/server/src/depot/depot-data.ts";
import { storedDepotData } from "../../../packages/server/src/depot/depot-data.ts";
import { type InstallOptions, installPackage } from "../../../packages/server/src/depot/install-package.ts";
import type { Comparison } from "./compare.ts";
import { readTree } from "./tree.ts";

export interface RecordedInstallation {
  readonly arguments: InstallOptions;
  readonly dependenciesPresent: boolean;
  readonly result: "installed" | "error";
  readonly error?: { readonly class: string; readonly message: string };
  readonly depot: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly contentFile?: readonly string[];
  readonly serverData: readonly string[];
  readonly [type: string]: unknown;
}

const depotId = "opsi.schule-am-see.example";
/** On the depot before, in runs with `dependenciesPresent`. */
const dependencies = [
  ...["base-tools 2.0-1", "runtime-x 0.1-1", "old-lib 3.9-9", "exact-one 1.2-3", "plain-eq 7-1", "greater 1.0.1-1"],
  ...["eq 1.0-1", "lt 0.9-1", "a-pkg 1-1", "b-pkg 1.0-1", "c_pkg 2.0-3", "d.pkg 1-5", "e 1.0-1", "f 2.9-1", "g 5.0-2"],
  ...["h 1-1", "x 1.0-1", "y 1-1"],
];
const compared = ["productOnDepot", "product", "productProperty", "productDependency", "productPropertyState"] as const;

/** Installs a recorded package on empty depots and compares objects and files with what the original made of it. */
export async function playInstalled(
  comparison: Comparison,
  path: string,
  runs: readonly RecordedInstallation[],
  scratch: string,
): Promise<void> {
  for (const [index, run] of runs.entries()) {
    const root = join(scratch, `site ${index}`);
    await comparison.step(`installed ${index}`, () => playRun(comparison, `installed ${index}`, path, run, root));
    await rm(root, { recursive: true, force: true });
  }
}

async function playRun(
  comparison: Comparison,
  place: string,
  path: string,
  run: RecordedInstallation,
  root: string,
): Promise<void> {
  const state = join(root, "var/lib/opsi");
  const folders = {
    root,
    state,
    depot: join(state, "depot"),
    temporary: join(root, "work"),
    boot: join(root, "tftpboot"),
  };
  await mkdir(folders.depot, { recursive: true });
  await using storage = await SqliteStorage.open(join(root, "data.sqlite"));
  const data = storedDepotData(storage);
  await data.create("host", [fromHash(OpsiConfigserver, { id: depotId })]);
  if (run.dependenciesPresent) for (const each of dependencies) await addDependency(data.create, each);
  const log = { info: () => {}, warning: () => {}, error: () => {} };
  const depot: Depot = { id: depotId, data, folders, serverVersion: "4.3", owner: { user: null, group: "-" }, log };

  const error = await installPackage(depot, path, run.arguments).catch((thrown: unknown) => thrown);
  compareError(comparison, place, run, error, path);
  const productIds = new Set((run["product"] as readonly { id: string }[]).map(({ id }) => id));
  for (const type of compared) {
    const found = (await data.read(type, {})).filter((object) =>
      productIds.has(String(object["productId"] ?? object["id"])),
    );
    comparison.equal(`${place}/${type}`, sorted(run[type] as readonly object[]), sorted(found.map(inDatabase)));
  }
  comparison.equal(`${place}/depot`, depotTrees(run.depot), depotTrees(await readDepot(folders.depot)));
  const [productId = ""] = Object.keys(run.depot);
  const contentFile = join(folders.depot, productId, `${productId}.files`);
  const lines = existsSync(contentFile)
    ? (await readFile(contentFile, "utf8")).split("\n").sort(byCodePoint)
    : undefined;
  comparison.equal(`${place}/content file`, run.contentFile, lines);
  comparison.equal(`${place}/server data`, run.serverData, await serverData(root));
  comparison.equal(`${place}/nothing left`, [], existsSync(folders.temporary) ? await readdir(folders.temporary) : []);
}

async function addDependency(
  create: (type: DataType, objects: OpsiObject[]) => Promise<void>,
  text: string,
): Promise<void> {
  const [productId, productVersion, packageVersion] = text.split(/[ ](.*)-/);
  const version = { productVersion, packageVersion };
  await create("product", [objectOf("LocalbootProduct", { id: productId, ...version })]);
  const onDepot = { productId, productType: "LocalbootProduct", ...version, depotId, locked: false };
  await create("productOnDepot", [objectOf("ProductOnDepot", onDepot)]);
}

function objectOf(name: string, hash: Record<string, unknown>): OpsiObject {
  const type = objectTypes.get(name) ?? families.flatMap(({ types }) => types).find((each) => each.name === name);
  if (!type) throw new Error(`No type ${name}`);
  return fromHash(type, hash);
}

/** Other words for damaged packages are fine; what is about the site has to be told in the same words. */
function compareError(
  comparison: Comparison,
  place: string,
  { result, error: recorded }: RecordedInstallation,
  error: unknown,
  path: string,
): void {
  comparison.equal(`${place}/result`, result, error === undefined ? "installed" : "error");
  if (!recorded || !(error instanceof Error)) {
    if (error instanceof Error) comparison.holds(`${place}/error`, false, error.message);
    return;
  }
  comparison.equal(`${place}/error class`, recorded.class, error.name);
  const message = recorded.message.replaceAll("<PACKAGE>", path);
  const isAboutSite =
    /Backend \w+ error: Failed to install.*: Backend .* error: /s.test(message) || /: Backend /.test(message);
  const start = /^.*? on depot '[^']*': /s.exec(message)?.[0] ?? "";
  comparison.holds(
    `${place}/error`,
    isAboutSite ? error.message === message : error.message.startsWith(start),
    `expected ${message}, was ${error.message}`,
  );
}

/** The original's database, MySQL with three bytes per character, keeps a question mark for all others. */
function inDatabase(object: OpsiObject): object {
  return JSON.parse(JSON.stringify(object).replace(/[\u{10000}-\u{10ffff}]/gu, "?"));
}

function sorted(objects: readonly object[]): object[] {
  const key = (object: object) => JSON.stringify(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

async function readDepot(folder: string): Promise<Record<string, object[]>> {
  const trees: Record<string, object[]> = {};
  for (const name of await readdir(folder)) trees[name] = await readTree(join(folder, name));
  return trees;
}

/** Owners depend on the users that a system has; the hash of a content file on the order of directories. */
function depotTrees(trees: Readonly<Record<string, readonly object[]>>): object {
  const plain = (name: string, { owner: _owner, sha256, ...entry }: Record<string, unknown>) => ({
    ...entry,
    ...(entry["path"] === `${name}.files` || sha256 === undefined ? {} : { sha256 }),
  });
  return Object.fromEntries(
    Object.entries(trees).map(([name, entries]) => [
      name,
      (entries as Record<string, unknown>[]).map((entry) => plain(name, entry)).sort(byPath),
    ]),
  );
}

const byPath = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  String(a["path"]) < String(b["path"]) ? -1 : 1;

/** Files outside of the depot that the package brought, as they would be below `/`. */
async function serverData(root: string): Promise<string[]> {
  const tree = await readTree(root);
  const files = tree.filter(
    ({ type, path }) => type === "file" && !/^(data\.sqlite|work\/|var\/lib\/opsi\/depot\/)/.test(path),
  );
  return files.map(({ path }) => `/${path}`).sort();
}

const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
