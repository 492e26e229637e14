import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defaultHardwareTypes } from "@opsi-ts/model";
import type { Storage } from "../../../packages/server/src/backends/storage.ts";
import { type BackupDocument, decodeBackup, encodeBackup } from "../../../packages/server/src/backup/document.ts";
import { objectTypeNames } from "../../../packages/server/src/backup/object-types.ts";
import { readBackup } from "../../../packages/server/src/backup/read-backup.ts";
import { restoreSite } from "../../../packages/server/src/backup/restore-site.ts";
import { readObjects } from "../../../packages/server/src/backup/site-objects.ts";
import { isRecord } from "../json-values.ts";
import { Comparison } from "../packages/compare.ts";
import type { Stage } from "./player.ts";
import { compareObjects, differences, type Hash, putObjects, type RecordedObjects } from "./recorded-objects.ts";
import { readJson, type SiteName } from "./recordings.ts";

interface RecordedBackup {
  readonly site: SiteName;
  readonly password?: string;
  readonly meta: Hash;
  /** How many of each class. */
  readonly objects: Readonly<Record<string, number>>;
  readonly objectsSha256: string;
  readonly config_files: Readonly<Record<string, { readonly path: string; readonly sha256: string | null }>>;
  readonly redis:
    | readonly { readonly name: string; readonly expires: number | null; readonly valueBytes: number | null }[]
    | null;
}

/** What the original's restore makes of a broken backup. */
interface RecordedFailure {
  readonly result: "restored" | "error";
  readonly message?: string;
  readonly rowsAfter: Readonly<Record<string, number>>;
}

/** Decodes and restores backups of 4.3. */
export async function playBackups({ tally, recordings, databases, backend }: Stage): Promise<void> {
  const expectations = await recordings.find("backup/expected.json");
  if (expectations) {
    const folder = dirname(expectations);
    const backups = Object.entries(await readJson<Record<string, RecordedBackup>>(expectations));
    await using storage = await databases.create(backend);
    for (const [name, recorded] of backups) {
      const comparison = new Comparison(tally, `backup/${name}`);
      const site = await recordings.site(recorded.site);
      await comparison.step("read", () => playBackup(comparison, join(folder, name), recorded, storage, site));
    }
    const renamed = await recordings.find("backup/restored-renamed.json.gz");
    const [whole] = backups.find(([, { site }]) => site === "site") ?? [];
    if (renamed && whole !== undefined) {
      const comparison = new Comparison(tally, "backup/renamed");
      await comparison.step("rename", async () =>
        playRenaming(comparison, join(folder, whole), storage, await readJson(renamed)),
      );
    }
  }
  const broken = await recordings.find("backup/broken/expected.json");
  if (!broken) return;
  await using storage = await databases.create(backend);
  const before = await recordings.site("small");
  await putObjects(storage, before);
  for (const [name, recorded] of Object.entries(await readJson<Record<string, RecordedFailure>>(broken))) {
    const comparison = new Comparison(tally, `backup/broken/${name}`);
    await comparison.step("restore", () =>
      playBroken(comparison, join(dirname(broken), name), recorded, storage, before),
    );
  }
}

async function playBackup(
  comparison: Comparison,
  path: string,
  recorded: RecordedBackup,
  storage: Storage,
  site: RecordedObjects,
): Promise<void> {
  const { password = null, meta, objects, objectsSha256, config_files: files, redis } = recorded;
  const document = await decodeBackup(await readFile(path), password);
  compareDocument(comparison, document);
  comparison.equal("redis", redis, redisOf(document.redis));
  await restoreSite(storage, document, { types: defaultHardwareTypes, serverId: null, hostKey: null });
  compareObjects(comparison, "restore", site, await readObjects(storage));
  const own = { ...document, objects: await readObjects(storage) };
  compareDocument(comparison, await decodeBackup(await encodeBackup(own, "ours"), "ours"), "own ");

  function compareDocument(where: Comparison, found: BackupDocument, prefix = ""): void {
    where.equal(`${prefix}meta`, meta, found.meta);
    where.equal(`${prefix}objects`, objects, countsOf(found.objects));
    where.equal(`${prefix}hash of objects`, objectsSha256, hashOf(found.objects));
    where.equal(`${prefix}config files`, files, sumsOf(found.config_files));
  }
}

const countsOf = (objects: BackupDocument["objects"]) =>
  Object.fromEntries(Object.entries(objects).map(([name, list]) => [name, list.length]));

/** Of all objects as compact JSON with sorted keys, these lines sorted. */
function hashOf(objects: BackupDocument["objects"]): string {
  const lines = Object.values(objects).flatMap((list) => list.map((object) => Buffer.from(sortedJson(object))));
  const hash = createHash("sha256");
  for (const [index, line] of lines.sort(Buffer.compare).entries()) hash.update(index === 0 ? "" : "\n").update(line);
  return hash.digest("hex");
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const { ident: _ident, ...rest } = value;
  return `{${Object.keys(rest)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sortedJson(rest[key])}`)
    .join(",")}}`;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const sumsOf = (files: BackupDocument["config_files"]) =>
  Object.fromEntries(
    Object.entries(files).map(([name, { path, content }]) => [
      name,
      { path, sha256: content === null ? null : sha256(content) },
    ]),
  );

/** In MessagePack values are bytes, in JSON they are not counted. */
function redisOf(redis: unknown): unknown {
  if (!isRecord(redis)) return null;
  return (redis["dumped_keys"] as Hash[]).map(({ name, expires, value }) => ({
    ...{ name, expires, valueBytes: value instanceof Uint8Array ? value.length : null },
  }));
}

/** Restored by a server of another name. */
async function playRenaming(
  comparison: Comparison,
  path: string,
  storage: Storage,
  wanted: RecordedObjects,
): Promise<void> {
  const server = wanted["Host"]?.find(({ type }) => type === "OpsiConfigserver");
  const serverId = String(server?.["id"]);
  const document = await decodeBackup(await readFile(path), null);
  await restoreSite(storage, document, { types: defaultHardwareTypes, serverId, hostKey: null });
  compareObjects(comparison, "rename", wanted, await readObjects(storage));
}

const counted = { HOST: "Host", PRODUCT: "Product", GROUP: "Group" } as const;

/** Whatever the original refuses is refused, and the site stays as it was, which it does not with the original always. */
async function playBroken(
  comparison: Comparison,
  path: string,
  { result, message = "", rowsAfter }: RecordedFailure,
  storage: Storage,
  before: RecordedObjects,
): Promise<void> {
  // The original was given the password of all that are encrypted, but where it says otherwise.
  const password = /no password/.test(message) ? null : "x";
  let refusal: unknown = null;
  try {
    const { document } = await readBackup(path, { types: defaultHardwareTypes, password, mysql: null });
    await restoreSite(storage, document, { types: defaultHardwareTypes, serverId: null, hostKey: null });
  } catch (error) {
    refusal = error;
  }
  const after = await readObjects(storage);
  if (refusal === null) {
    const rows = Object.entries(counted).map(([table, name]) => [table, after[name]?.length]);
    comparison.equal("restored", { result, rows: rowsAfter }, { result: "restored", rows: Object.fromEntries(rows) });
    return putObjects(storage, before);
  }
  const { class: errorClass, message: reason } = refusal as { class?: string; message: string };
  comparison.holds("typed error", errorClass !== undefined, reason);
  for (const name of objectTypeNames) {
    const detail = differences(before[name] ?? [], after[name] ?? [], (hash) => hash);
    comparison.holds(`kept ${name}`, detail === "", detail);
  }
  // What the original cuts or could not read again is not written here, and nobody is locked out of his own server.
  const isSensible = /not valid|too long|does not contain this server/.test(reason);
  if (result === "restored" && isSensible) return comparison.defect();
  comparison.holds("refused", result === "error", `refused: ${reason}`);
}
