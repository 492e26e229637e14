import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SqliteStorage } from "../../../packages/server/src/backends/sql/sqlite/sqlite-storage.ts";
import { readObjects } from "../../../packages/server/src/backup/site-objects.ts";
import { Comparison } from "../packages/compare.ts";
import { FileTree } from "./file-tree.ts";
import type { Stage } from "./player.ts";
import { compareObjects, differences, type Hash, putObjects, type RecordedObjects } from "./recorded-objects.ts";
import { readJson } from "./recordings.ts";

/** The files of the original know no UUIDs. */
const inFiles = ({ systemUUID, ...hash }: Hash): Hash =>
  "hardwareClass" in hash ? { ...hash, systemUUID: systemUUID ?? "" } : hash;

/** The objects of the service have no classes and Windows ids of products, and no zero as a time. (storage 6.3) */
export function inService(hash: Hash): Hash {
  const { productClassIds: _classes, windowsSoftwareIds: _ids, ...rest } = inFiles(hash);
  return "lastUsed" in rest && rest["lastUsed"] === "0000-00-00 00:00:00" ? { ...rest, lastUsed: null } : rest;
}

/** A variant of the small tree, and how what is read of it differs. */
interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, { readonly text: string } | { readonly base64: string }>>;
  readonly deleted: readonly string[];
  readonly read: Readonly<
    Record<string, { readonly error: unknown } | { missing: readonly Hash[]; added: readonly Hash[] }>
  >;
}

/** Reads, writes and takes over the recorded trees of the File backend. */
export async function playFileBackend({ tally, recordings }: Stage): Promise<void> {
  const comparison = (name: string) => new Comparison(tally, `file-backend/${name}`);
  const archive = await recordings.find("file-backend/site.tar.gz");
  if (archive) {
    const site = await readJson<RecordedObjects>(await recordings.need("file-backend/site.json.gz"));
    const migrated = await readJson<RecordedObjects>(await recordings.need("file-backend/migrated-to-4.3.json.gz"));
    await playTree(comparison("site"), archive, site);
    await playWriting(comparison("written"), site);
    await playTakeOver(comparison("taken-over"), archive, site, migrated);
  }
  const cases = await recordings.find("file-backend/hand-edited/cases.json");
  if (!cases) return;
  const base = await readJson<RecordedObjects>(await recordings.need("file-backend/hand-edited/base.json.gz"));
  const small = await recordings.need("file-backend/hand-edited/base.tar.gz");
  await playTree(comparison("hand-edited"), small, base);
  for (const each of await readJson<Case[]>(cases))
    await playCase(comparison(`hand-edited/${each.name}`), small, base, each);
}

/** The files say what the original reads in them, and so does the service. */
async function playTree(comparison: Comparison, archive: string, expected: RecordedObjects): Promise<void> {
  await comparison.step("read", async () => {
    await using tree = await FileTree.make(archive);
    compareObjects(comparison, "read", expected, await tree.readFiles(), inFiles);
    compareObjects(comparison, "open", expected, await tree.readStorage(), inService);
    comparison.equal("problems", [], tree.problems);
  });
}

/** What is written into an empty tree is read again. */
async function playWriting(comparison: Comparison, objects: RecordedObjects): Promise<void> {
  await comparison.step("write", async () => {
    await using tree = await FileTree.make(null);
    {
      await using storage = await tree.open();
      await putObjects(storage, objects);
    }
    compareObjects(comparison, "write", objects, await tree.readFiles(), inService);
    compareObjects(comparison, "reopen", objects, await tree.readStorage(), inService);
    comparison.equal("problems", [], tree.problems);
  });
}

/** Everything gets into a database, also what the original's conversion leaves behind. */
async function playTakeOver(
  comparison: Comparison,
  archive: string,
  site: RecordedObjects,
  migrated: RecordedObjects,
): Promise<void> {
  await comparison.step("take over", async () => {
    await using tree = await FileTree.make(archive);
    const objects = await tree.readStorage();
    await using database = await SqliteStorage.open(join(tree.root, "opsi.sqlite"));
    await putObjects(database, objects);
    const taken = await readObjects(database);
    const nowhereElse = Object.entries(site).filter(([name]) => migrated[name]?.length === 0);
    compareObjects(comparison, "take over", { ...migrated, ...Object.fromEntries(nowhereElse) }, taken, inService);
  });
}

async function playCase(comparison: Comparison, archive: string, base: RecordedObjects, given: Case): Promise<void> {
  await comparison.step("read", async () => {
    await using tree = await FileTree.make(archive);
    for (const [name, content] of Object.entries(given.files)) {
      const path = join(tree.root, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, "text" in content ? content.text : Buffer.from(content.base64, "base64"));
    }
    for (const name of given.deleted) await rm(join(tree.root, name));
    const found = await tree.readFiles();
    for (const [name, objects] of Object.entries(base)) {
      const change = given.read[name];
      if (change && "error" in change) {
        // Where the original reads nothing at all, we read the rest and say what is wrong.
        const lost = differences(objects, found[name] ?? [], inFiles).includes("missing");
        comparison.holds(`read ${name}`, !lost || tree.problems.length > 0, "objects were lost without a word");
        continue;
      }
      const gone = new Set(change?.missing.map((hash) => JSON.stringify(hash)));
      const expected = [...objects.filter((hash) => !gone.has(JSON.stringify(hash))), ...(change?.added ?? [])];
      const detail = differences(expected, found[name] ?? [], inFiles);
      comparison.holds(`read ${name}`, detail === "", detail);
    }
    await using storage = await tree.open(); // whatever is in the files
    comparison.holds("open", (await readObjects(storage))["Host"]?.length !== 0, "no host is there");
  });
}
