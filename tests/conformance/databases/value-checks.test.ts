import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MySqlStorage } from "../../../packages/server/src/backends/sql/mysql/mysql-storage.ts";
import { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import type { ObjectStore } from "../../../packages/server/src/backends/storage.ts";
import { canonical, isRecord } from "../json-values.ts";
import { openCorpus } from "../open-corpus.ts";
import { familyOf, isHardware, objectOf, readRecordedSite, writeSite } from "./recorded-site.ts";

interface Check {
  readonly nr: number;
  readonly call: string;
  readonly argument: Record<string, unknown>;
  readonly stored?: readonly Record<string, unknown>[];
  readonly error?: { readonly class: string; readonly message: string };
}

/** `{"$repeat": text, "$times": n}` stands for a long text. */
function expand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expand);
  if (!isRecord(value)) return value;
  if ("$repeat" in value) return String(value["$repeat"]).repeat(Number(value["$times"]));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, expand(member)]));
}

/** Whether a value is the recorded one, which may be a description. */
function fits(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(found) && found.length === wanted.length && wanted.every((one, at) => fits(found[at], one));
  }
  if (!isRecord(wanted)) return canonical(found) === canonical(wanted);
  if ("$now" in wanted || "$random" in wanted) return typeof found === "string";
  if ("$length" in wanted) {
    const text = String(found);
    const { $length, $start, $end } = wanted;
    return [...text].length === $length && text.startsWith(String($start)) && text.endsWith(String($end));
  }
  return isRecord(found) && Object.entries(wanted).every(([key, member]) => fits(found[key], member));
}

const typeOf = ({ call, argument }: Check) => {
  const prefix = call.replace(/_.*/, "");
  return String(argument["type"] ?? prefix.charAt(0).toUpperCase() + prefix.slice(1));
};

/** What a check did is undone by this. */
class Undo extends Error {}

async function readType(store: ObjectStore, type: string): Promise<string[]> {
  const objects = isHardware(type) ? await store.hardware.read(type) : await store.read(familyOf(type));
  return objects.map(({ ident: _ident, ...object }) => canonical(object));
}

/** What a check says that is not so here, null where all is as recorded. */
async function difference(storage: MySqlStorage, check: Check): Promise<string | null> {
  const type = typeOf(check);
  let answer: string | null = null;
  try {
    await storage.transaction(async (store) => {
      const before = new Set(await readType(store, type));
      const object = objectOf(type, expand(check.argument) as Record<string, unknown>);
      if (isHardware(type)) await store.hardware.write(type, [object], "insert");
      else await store.write(familyOf(type), [object], "insert");
      if (check.error) answer = `stored instead of ${check.error.class}: ${check.error.message}`;
      else {
        const changed = (await readType(store, type)).filter((line) => !before.has(line));
        const [wanted] = check.stored ?? [];
        const [found] = changed;
        const isSame = changed.length === 1 && found !== undefined && fits(JSON.parse(found), wanted);
        if (!isSame) answer = `${changed.join()} instead of ${canonical(wanted)}`;
      }
      throw new Undo();
    });
  } catch (error) {
    if (error instanceof Undo) return answer;
    if (!check.error) return `refused: ${error instanceof Error ? error.message : error}`;
    return null;
  }
  return "not undone";
}

/** Checks of what the methods refuse before objects reach a storage, and one that JSON cannot tell: 1.0 is 1. */
const notOfStorages = new Set([105, 243, 297]);

/** On our side nothing is cut: what the original shortens is refused. */
const isTooMuch = (difference: string) =>
  /refused: Backend bad value error: .*(too long|Out of range)/i.test(difference);

test("odd values are stored and refused as by the original", async () => {
  await using corpus = await openCorpus("databases");
  await using server = await TestMariaDb.start();
  await using storage = await MySqlStorage.open(server.newDatabase());
  await writeSite(storage, await readRecordedSite(corpus.directory, "backup", "small-objects.json"), "restore");
  const checks = JSON.parse(
    await readFile(join(corpus.directory, "mysql-4.3", "value-checks.json"), "utf8"),
  ) as Check[];
  const differences: string[] = [];
  let tooMuch = 0;
  for (const check of checks) {
    const found = notOfStorages.has(check.nr) ? null : await difference(storage, check);
    if (found === null) continue;
    if (isTooMuch(found)) tooMuch++;
    else differences.push(`${check.nr} ${check.call} ${found}`);
  }
  expect(differences).toEqual([]);
  expect([checks.length, tooMuch]).toEqual([376, 24]);
});
