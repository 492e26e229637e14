import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allMethods } from "../../packages/server/src/methods/all.ts";
import { depot, other, own, passwords, server } from "../faults/fault-site.ts";
import { secrets } from "../faults/seed.ts";
import type { MethodDescription } from "../faults/sweep.ts";
import { callsFor } from "./calls.ts";
import { judge, type Outcome, trespasses, type Verdict } from "./judge.ts";
import { readMatrix } from "./read-matrix.ts";
import { RestorableDatabase } from "./restorable-database.ts";
import { callAs, putBackFiles, type Role, roleNames, siteSecrets, startSiteOfRoles } from "./roles.ts";

/* Every method by everybody: what each may do stands in `matrix.txt`. (methods 4, objects 8) */

const table = readMatrix();
const outcomes = new Map<Role, Map<string, readonly Outcome[]>>();
const filesOf = new Map<Role, { readonly before: object; readonly after: object }>();
let methods: readonly MethodDescription[];
let place: Awaited<ReturnType<typeof startSiteOfRoles>>;

const of = (role: Role, method: string) => outcomes.get(role)?.get(method) ?? [];

function files(): Record<string, string> {
  const all = Object.entries(place.site.snapshot());
  return Object.fromEntries(all.filter(([name]) => !name.startsWith("table ")));
}

/** Each call finds the site as it was at the beginning; what a call changes is noted and taken back. */
async function play(role: Role, database: RestorableDatabase): Promise<void> {
  const played = new Map<string, readonly Outcome[]>();
  for (const method of methods) {
    const ofMethod: Outcome[] = [];
    for (const params of callsFor(method).params) {
      const { version } = database;
      const answer = await callAs(place.site, role, method.name, params);
      const changes = database.version === version ? [] : database.changes();
      database.restore(changes);
      ofMethod.push({ params, answer, changes });
    }
    played.set(method.name, ofMethod);
  }
  outcomes.set(role, played);
}

beforeAll(async () => {
  place = await startSiteOfRoles();
  methods = (await place.site.must("backend_getInterface")) as MethodDescription[];
  // Who logs in for the first time becomes a row.
  for (const role of roleNames) await callAs(place.site, role, "backend_info", []);
  using database = new RestorableDatabase(place.site.root);
  // The least powerful first: what the others do to files would be taken for theirs.
  for (const role of roleNames.toReversed()) {
    await putBackFiles(place.site);
    const before = files();
    await play(role, database);
    filesOf.set(role, { before, after: files() });
  }
}, 900_000);
afterAll(() => place[Symbol.asyncDispose]());

test("every method has its line, and every line its method", () => {
  expect([...table.keys()]).toEqual(methods.map(({ name }) => name).sort());
});

/** `error`: the caller gets past the rules. With what the machine has, e.g. host keys of its own, the call may work. */
const isAsExpected = (found: Verdict, expected: string | undefined) =>
  found === expected || (expected === "error" && found === "all");

test.each(roleNames)("what the table says of: %s", (role) => {
  const wrong = methods.flatMap((method) => {
    const { name } = method;
    const found = judge(of(role, name), of("administrator", name), callsFor(method).telling);
    const expected = table.get(name)?.[role];
    return isAsExpected(found, expected) ? [] : [`${name}: ${found}, the table says ${expected}`];
  });
  expect(wrong).toEqual([]);
});

/** Kinds of JSON by the first word of a type in Python's notation; other words are types of objects. */
const kindsOfJson: Readonly<Record<string, string>> = {
  ...{ None: "null", str: "string", bool: "boolean", int: "number", float: "number", list: "list", dict: "object" },
};

test("what methods answer has the type that they declare", () => {
  const kindOf = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "list" : typeof value);
  const wrong = [...allMethods().values()].flatMap(({ name, result = "None" }) => {
    const kinds = result.split(" | ").map((type) => kindsOfJson[/^\w+/.exec(type)?.[0] ?? ""] ?? "object");
    const answers = of("administrator", name).filter(({ answer }) => answer.error === null);
    const found = new Set(answers.map(({ answer }) => kindOf(answer.result)).filter((kind) => !kinds.includes(kind)));
    return [...found].map((kind) => `${name}: ${kind}, declared is ${result}`);
  });
  expect(wrong).toEqual([]);
});

describe.each<Role>(["anonymous", "restricted", "read-only"])("%s", (role) => {
  test("changes nothing", () => {
    const changing = methods.flatMap(({ name }) =>
      of(role, name)
        .filter(({ changes }) => changes.length > 0)
        .map((outcome) => [name, outcome]),
    );
    expect(changing).toEqual([]);
    expect(filesOf.get(role)?.after).toEqual(filesOf.get(role)?.before);
  });
});

const keys = [own.key, other.key, depot.key, server.key];
const { logOfOther, notesOfOther, oneTimePassword } = secrets;
const { secondFactor, licenseKey, keyOfOwn } = siteSecrets;
const ofAll = [...keys, ...Object.values(secrets), ...Object.values(passwords), ...Object.values(siteSecrets)];
const ofNoClient = [depot.key, server.key, secrets.monitoring, secondFactor, licenseKey, ...Object.values(passwords)];

/** What a role may not get to see, whatever it calls. */
const hidden: Partial<Record<Role, readonly string[]>> = {
  anonymous: [...ofAll, own.id, other.id],
  restricted: ofAll,
  "read-only": [...keys, oneTimePassword, secondFactor, secrets.monitoring, ...Object.values(passwords)],
  client: [...ofNoClient, other.key, logOfOther, notesOfOther, oneTimePassword, secrets.licenseKey],
  other: [...ofNoClient, own.key, "log line of pc1", keyOfOwn],
};

test.each(Object.keys(hidden) as Role[])("no secret gets to: %s", (role) => {
  const shown = methods.flatMap(({ name }) =>
    of(role, name).flatMap(({ params, answer }) => {
      const text = JSON.stringify(answer.result);
      return (hidden[role] ?? []).filter((secret) => text.includes(secret)).map((secret) => ({ name, params, secret }));
    }),
  );
  expect(shown).toEqual([]);
});

describe.each([
  ["client", own.id, other.id],
  ["other", other.id, own.id],
] as const)("a client (%s)", (role, clientId, foreignId) => {
  test("changes no row of others, and no file", () => {
    const wrong = methods.flatMap(({ name }) =>
      of(role, name).flatMap((outcome) => trespasses(outcome, clientId).map((row) => `${name}: ${row}`)),
    );
    expect(wrong).toEqual([]);
    expect(filesOf.get(role)?.after).toEqual(filesOf.get(role)?.before);
  });

  test("sees nothing of others where the table says own", () => {
    const wrong = methods.flatMap(({ name }) => {
      if (table.get(name)?.[role] !== "own") return [];
      return of(role, name)
        .filter(({ answer }) => JSON.stringify(answer.result).includes(foreignId))
        .map(({ params }) => [name, params]);
    });
    expect(wrong).toEqual([]);
  });
});
