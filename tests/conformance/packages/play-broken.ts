import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isOpsiError } from "../../../packages/model/src/index.ts";
import {
  extractPackage,
  type PackageControl,
  PackageError,
  readPackage,
} from "../../../packages/opsi-package/src/index.ts";
import type { Tally } from "../tally.ts";
import { Comparison } from "./compare.ts";
import { comparable, readTree, type TreeEntry } from "./tree.ts";

type Outcome = "accepted" | { readonly class: string; readonly message: string };

export interface RecordedBroken {
  readonly file: string;
  readonly read: Outcome;
  readonly parsed?: Readonly<Record<string, unknown>>;
  readonly extract: Outcome;
  readonly extracted?: readonly TreeEntry[] | unknown;
  readonly hangs?: unknown;
  readonly readWroteOutside?: readonly string[];
  readonly extractWroteOutside?: readonly string[];
  readonly victimOverwritten?: unknown;
  readonly victimLinked?: unknown;
}

/** The original's behaviour is doubtful there, as the record itself says; either way is good. */
const doubtful: ReadonlySet<string> = new Set(["ini-no-id"]);
const timeLimit = 20_000;
const outsideTarget = "/tmp/opsi-corpus-outside";

/** Damaged and hostile packages: accepted or refused as recorded, nothing written outside, nothing left behind. */
export async function playBroken(
  tally: Tally,
  folder: string,
  records: Readonly<Record<string, RecordedBroken>>,
  scratch: string,
): Promise<void> {
  for (const [name, record] of Object.entries(records)) {
    const path = join(folder, record.file);
    if (!existsSync(path)) continue;
    const comparison = new Comparison(tally, `broken/${name}`);
    const ground = join(scratch, "broken");
    await comparison.step("play", () => playOne(comparison, name, path, record, ground));
    await rm(ground, { recursive: true, force: true });
  }
}

async function playOne(
  comparison: Comparison,
  name: string,
  path: string,
  record: RecordedBroken,
  ground: string,
): Promise<void> {
  const inside = join(ground, "up2", "up1");
  const tempDirectory = join(inside, "tmp");
  await mkdir(tempDirectory, { recursive: true });
  await writeFile(join(ground, "up2", "victim.txt"), "victim");
  await writeFile(join(ground, "up2", "outside-control"), "outside");

  const read = await attempt(() => readPackage(path, { tempDirectory }));
  compareOutcome(comparison, "read", name, record.read, mustRefuseRead(record), read);
  if (read.control && record.read === "accepted") compareParsed(comparison, record, read.control);

  const target = join(inside, "dest");
  const extracted = await attempt(() => extractPackage(path, target, { tempDirectory, keepSetIdBits: true }));
  compareOutcome(comparison, "extract", name, record.extract, mustRefuseExtract(record), extracted);
  const tree = existsSync(target) ? await readTree(target) : null;
  if (tree && Array.isArray(record.extracted) && record.extract === "accepted" && !mustRefuseExtract(record)) {
    comparison.equal("extracted", comparable(record.extracted as TreeEntry[]), comparable(tree));
  }
  await compareSurroundings(comparison, ground, tree !== null);
  if (!extracted.control) comparison.holds("nothing left", tree === null, "the refused package was left unpacked");
}

interface Attempt {
  readonly control: PackageControl | null;
  readonly error: unknown;
  readonly milliseconds: number;
}

async function attempt(run: () => Promise<PackageControl>): Promise<Attempt> {
  const start = performance.now();
  const taken = () => performance.now() - start;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("took too long")), timeLimit);
  try {
    return { control: await Promise.race([run(), late]), error: null, milliseconds: taken() };
  } catch (error) {
    return { control: null, error, milliseconds: taken() };
  } finally {
    clearTimeout(timer);
  }
}

/** What writes, links or reads outside, makes devices or hangs has to be refused, whatever the original does. */
function mustRefuseExtract(record: RecordedBroken): boolean {
  const tree = Array.isArray(record.extracted) ? (record.extracted as TreeEntry[]) : [];
  return (
    mustRefuseRead(record) ||
    (record.extractWroteOutside?.length ?? 0) > 0 ||
    Boolean(record.victimOverwritten || record.victimLinked) ||
    tree.some(({ type }) => !["file", "dir", "symlink"].includes(type))
  );
}

function mustRefuseRead(record: RecordedBroken): boolean {
  return Boolean(record.hangs) || (record.readWroteOutside?.length ?? 0) > 0;
}

function compareOutcome(
  comparison: Comparison,
  step: string,
  name: string,
  recorded: Outcome,
  mustRefuse: boolean,
  { control, error, milliseconds }: Attempt,
): void {
  const message = error instanceof Error ? error.message : String(error);
  if (control === null) comparison.holds(`${step}/error`, isOpsiError(error), `not a typed error: ${message}`);
  comparison.holds(`${step}/time`, milliseconds < timeLimit, `took ${Math.round(milliseconds)} ms`);
  if (mustRefuse) {
    comparison.holds(step, control === null, "was accepted, but is hostile");
    return;
  }
  const accepted = recorded === "accepted";
  // We refuse hostile packages at once, and damaged ones that the original unpacks in part without a word
  const refusedOnPurpose =
    error instanceof PackageError && (error.fault === "hostile" || error.fault === "damaged") && accepted;
  const holds = (control !== null) === accepted || refusedOnPurpose || doubtful.has(name);
  comparison.holds(step, holds, accepted ? `refused: ${message}` : "was accepted, the original refuses it");
}

/** Large texts are recorded by length and hash, and lists by their count. */
function compareParsed(comparison: Comparison, { parsed = {} }: RecordedBroken, control: PackageControl): void {
  for (const [key, value] of Object.entries(parsed)) {
    const own = control[key as keyof PackageControl];
    comparison.equal(`read/${key}`, value, abridged(value, own));
  }
}

function abridged(recorded: unknown, own: unknown): unknown {
  if (!isObject(recorded)) return own;
  if (typeof own === "string" && "sha256" in recorded) {
    return { length: [...own].length, sha256: createHash("sha256").update(own).digest("hex") };
  }
  if (Array.isArray(own) && "count" in recorded) return { count: own.length };
  if (!isObject(own) || Array.isArray(own)) return own;
  return Object.fromEntries(Object.entries(own).map(([key, value]) => [key, abridged(recorded[key], value)]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

async function compareSurroundings(comparison: Comparison, ground: string, unpacked: boolean): Promise<void> {
  const names = (await readdir(ground, { recursive: true })).filter((name) => !name.startsWith("up2/up1/dest/"));
  const expected = ["up2", "up2/outside-control", "up2/up1", ...(unpacked ? ["up2/up1/dest"] : []), "up2/up1/tmp"];
  comparison.equal("surroundings", [...expected, "up2/victim.txt"], names.sort());
  comparison.holds("absolute target", !existsSync(outsideTarget), `${outsideTarget} was written`);
  const victim = join(ground, "up2", "victim.txt");
  comparison.equal(
    "victim",
    { content: "victim", links: 1 },
    {
      content: await readFile(victim, "utf8"),
      links: (await stat(victim)).nlink,
    },
  );
}
