import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDispatch } from "../../../packages/server/src/backends/dispatch.ts";
import { readMySqlSettings } from "../../../packages/server/src/backends/sql/mysql/mysql-settings.ts";
import { type Corpus, openCorpus } from "../open-corpus.ts";

let corpus: Corpus;
beforeAll(async () => {
  corpus = await openCorpus("databases");
});
afterAll(() => corpus[Symbol.asyncDispose]());

interface Expected {
  readonly file: string;
  readonly kind?: string;
  readonly entries?: readonly (readonly [pattern: string, backends: readonly string[]])[];
  readonly connection?: Readonly<Record<string, unknown>>;
}

const folder = (name: string) => join(corpus.directory, "config", name);
async function expectations(name: string): Promise<[string, Expected][]> {
  return Object.entries(
    JSON.parse(await readFile(join(folder(name), "expected.json"), "utf8")) as Record<string, Expected>,
  );
}

/** A colon in a pattern cuts it in the original: what is left is no expression. Here that is an error. */
const refused = new Set(["colon-in-regex"]);

test("files dispatch.conf have the recorded entries", async () => {
  const cases = await expectations("dispatch");
  expect(cases.length).toBeGreaterThan(10);
  for (const [name, { file, entries = [] }] of cases) {
    const text = await readFile(join(folder("dispatch"), file), "utf8");
    if (refused.has(name)) {
      expect(() => parseDispatch(text, file), name).toThrow("is no regular expression");
      continue;
    }
    const found = parseDispatch(text, file).map(({ pattern, backends }) => [pattern.source, backends]);
    // The original adds to the entry of the methods `backend_` what other entries name.
    const wanted = entries.map(([pattern, backends], index) => [
      pattern,
      pattern.startsWith("backend_") ? backends.filter((one) => found[index]?.[1]?.includes(one)) : backends,
    ]);
    expect(found, name).toEqual(wanted);
  }
});

/** Code is not run: the site is told so. */
const code = new Set(["mysql-dict-call"]);

test("files mysql.conf have the recorded settings", async () => {
  const cases = (await expectations("backends")).filter(([, { kind }]) => kind === "mysql");
  expect(cases.length).toBeGreaterThan(4);
  for (const [name, { file, connection = {} }] of cases) {
    const path = join(folder("backends"), file);
    if (code.has(name)) {
      expect(() => readMySqlSettings(path), name).toThrow(path);
      continue;
    }
    expect(readMySqlSettings(path), name).toMatchObject({
      address: String(connection["address"]).replace(/^\[|\]$/g, ""),
      database: connection["database"],
      username: connection["username"],
      password: connection["password"],
      connections: Number(connection["connection_pool_size"]) + Number(connection["connection_pool_max_overflow"]),
    });
  }
});

test("what makes no sense is refused with the file and what was expected, without the password", async () => {
  const path = join(folder("backends"), "config-list.conf");
  expect(() => readMySqlSettings(path)).toThrow(`'config' in ${path}: a dict`);
});
