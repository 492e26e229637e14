import { defaultHardwareTypes, type OpsiObject } from "@opsi-ts/model";
import { expect, test } from "vitest";
import { sqlite } from "../backends/sql/dialect.ts";
import { mysql } from "../backends/sql/mysql/mysql-dialect.ts";
import { type Capacity, Fitting, type Loss } from "./fitting.ts";

const capacities = {
  sqlite: { dialect: sqlite, foldsAccents: false, configserverId: null },
  mysql: { dialect: mysql, foldsAccents: true, configserverId: null },
  file: { dialect: sqlite, foldsAccents: false, configserverId: "opsi.example.org" },
} satisfies Record<string, Capacity>;

function fitAll(kind: keyof typeof capacities, ...objects: readonly (readonly [name: string, object: OpsiObject])[]) {
  const losses: Loss[] = [];
  const fitting = new Fitting(capacities[kind], defaultHardwareTypes, (loss) => losses.push(loss));
  return { fitted: objects.map(([name, object]) => fitting.fit(name, object)), losses };
}

const host = (id: string, more: Record<string, unknown> = {}) =>
  ["Host", { type: "OpsiClient", id, ...more } as OpsiObject] as const;
const state = (more: Record<string, unknown>) =>
  ["ConfigState", { type: "ConfigState", configId: "a", objectId: "pc1.example.org", ...more } as OpsiObject] as const;
const program = (more: Record<string, unknown>) => {
  const ident = { version: "", subVersion: "", language: "", architecture: "" };
  return ["AuditSoftware", { type: "AuditSoftware", ...ident, ...more } as OpsiObject] as const;
};

test("what can be kept stays as it is", () => {
  for (const kind of ["sqlite", "mysql", "file"] as const) {
    const { fitted, losses } = fitAll(kind, host("pc1.example.org", { notes: "ü" }), state({ values: ["😀", "x"] }));
    expect(losses).toEqual([]);
    expect(fitted).toMatchObject([{ notes: "ü" }, { values: expect.arrayContaining(["😀", "x"]) }]);
  }
});

test.each<
  [
    what: string,
    kind: keyof typeof capacities,
    attribute: string | null,
    object: readonly [string, OpsiObject],
    kept: unknown,
  ]
>([
  [
    "a long text is cut",
    "sqlite",
    "description",
    host("pc1.example.org", { description: "x".repeat(101) }),
    "x".repeat(100),
  ],
  [
    "characters count, not their halves",
    "sqlite",
    "description",
    host("a.b.c", { description: "😀".repeat(101) }),
    "😀".repeat(100),
  ],
  ["emoji become question marks", "mysql", "notes", host("a.b.c", { notes: "a😀" }), "a?"],
  ["a time after 2038 is lost", "sqlite", "lastSeen", host("a.b.c", { lastSeen: "2040-01-01 00:00:00" }), null],
  ["a part of a list would be another one", "mysql", "values", state({ values: ["ü".repeat(20_000)] }), null],
])("%s", (_what, kind, attribute, object, kept) => {
  const { fitted, losses } = fitAll(kind, object);
  expect(losses).toMatchObject([{ attribute }]);
  expect(fitted[0]?.[attribute ?? ""]).toEqual(kept);
});

test("a key that does not fit is no other key: the object is left out, and what refers to it", () => {
  const name = "x".repeat(101);
  const used = { ...program({ name })[1], type: "AuditSoftwareOnClient", clientId: "pc1.example.org" };
  const { fitted, losses } = fitAll("sqlite", host("pc1.example.org"), program({ name }), [
    "AuditSoftwareOnClient",
    used,
  ]);
  expect(fitted.slice(1)).toEqual([null, null]);
  expect(losses).toMatchObject([
    { attribute: null, problem: expect.stringContaining("101 characters") },
    { attribute: null, problem: expect.stringContaining("there is no SOFTWARE") },
  ]);
});

test("where accents do not count, two objects are one", () => {
  const both = [program({ name: "Müller" }), program({ name: "MULLER" })] as const;
  expect(fitAll("sqlite", ...both).losses).toEqual([]);
  expect(fitAll("mysql", ...both).losses).toMatchObject([{ attribute: null, ident: "MULLER;;;;" }]);
});

test("a license stays when its host is gone", () => {
  const contract = { type: "LicenseContract", id: "c" };
  const license = { type: "OEMSoftwareLicense", id: "l", licenseContractId: "c", boundToHost: "gone.example.org" };
  const { fitted, losses } = fitAll("sqlite", ["LicenseContract", contract], ["SoftwareLicense", license]);
  expect(fitted[1]).toMatchObject({ id: "l", boundToHost: null });
  expect(losses).toMatchObject([{ attribute: "boundToHost" }]);
});

test("numbers of hardware that a column cannot hold are named", () => {
  const processor = { hardwareClass: "PROCESSOR", hostId: "pc1.example.org", NumberOfCores: 256 };
  const piece = ["AuditHardwareOnHost", { type: "AuditHardwareOnHost", ...processor } as OpsiObject] as const;
  expect(fitAll("sqlite", piece).losses).toEqual([]);
  expect(fitAll("mysql", piece)).toMatchObject({
    fitted: [{ NumberOfCores: 127 }],
    losses: [{ attribute: "NumberOfCores", problem: "'256' becomes '127'" }],
  });
});
