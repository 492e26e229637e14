import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "../testing/test-site.ts";

let site: TestSite;
const execute = (method: string, ...params: unknown[]) =>
  site.opsi("jsonrpc", "execute", method, ...params.map((value) => JSON.stringify(value)));

beforeAll(async () => {
  site = await startTestSite();
  await site.opsi("client", "create", "pc1.example.org", "pc2.example.org");
  const version = { productVersion: "1.0", packageVersion: "2" };
  const onDepot = { type: "ProductOnDepot", depotId: site.hostId, productType: "LocalbootProduct", ...version };
  const products = ["editor", "viewer"].map((id) => ({ type: "LocalbootProduct", id, ...version, setupScript: "s" }));
  const property = { productId: "editor", ...version };
  const states = [
    { productId: "editor", installationStatus: "installed", ...version },
    { productId: "viewer", installationStatus: "unknown", actionResult: "failed" },
  ];
  for (const [method, objects] of [
    ["product_createObjects", products],
    ["productOnDepot_createObjects", products.map(({ id }) => ({ ...onDepot, productId: id }))],
    [
      "productProperty_createObjects",
      [
        {
          ...{ type: "UnicodeProductProperty", propertyId: "language", ...property, possibleValues: ["de", "en"] },
          ...{ defaultValues: ["en"], editable: false, multiValue: false },
        },
        { type: "BoolProductProperty", propertyId: "autoupdate", ...property, defaultValues: [true] },
      ],
    ],
    [
      "productOnClient_createObjects",
      states.map((state) => ({
        ...{ type: "ProductOnClient", clientId: "pc1.example.org", productType: "LocalbootProduct", ...state },
      })),
    ],
  ] as const) {
    expect(await execute(method, objects)).toMatchObject({ errors: "" });
  }
});
afterAll(() => site[Symbol.asyncDispose]());

test("groups are made, filled, emptied and deleted", async () => {
  await site.json("group", "create", "house", "--description", "All of it");
  await site.json("group", "create", "Floor2", "--parent", "HOUSE", "--members", "pc1.example.org");
  await site.json("group", "add", "floor2", "PC2.example.org");
  expect(await site.json("group", "list")).toMatchObject([
    { id: "floor2", type: "HostGroup", parentGroupId: "house", members: 2 },
    { id: "house", description: "All of it", members: 0 },
  ]);
  expect(await site.json("group", "members", "house")).toEqual([{ id: "pc1.example.org" }, { id: "pc2.example.org" }]);
  await site.json("group", "remove", "floor2", "pc1*");
  expect(await site.json("group", "members", "floor2")).toEqual([{ id: "pc2.example.org" }]);

  await site.json("group", "create", "floor2", "--type", "product", "--members", "editor");
  expect(await site.json("group", "members", "floor2", "--type", "product")).toEqual([{ id: "editor" }]);
  expect((await site.opsi("group", "delete", "floor2")).errors).toContain("the service would delete both");
  expect(await site.json("group", "members", "floor2", "--type", "product")).toEqual([{ id: "editor" }]);
  await site.json("group", "create", "floor3");
  await site.json("group", "delete", "floor3");
  expect(await site.opsi("group", "members", "floor3")).toMatchObject({ exitCode: 1 });
});

test.each([
  [["group", "create", "house"], "There is a HostGroup 'house' already"],
  [["group", "create", "new", "--parent", "nope"], "There is no HostGroup 'nope'"],
  [["client", "create", "pc8.example.org", "--group", "ho*"], "There is no HostGroup 'ho*'"],
  [["group", "create", "new", "--members", "pc9.example.org"], "There is no host 'pc9.example.org'"],
  [["group", "add", "house", "pc9.example.org"], "There is no host 'pc9.example.org'"],
  [["group", "remove", "house", "pc9.example.org"], "'pc9.example.org' is not in house"],
  [
    ["product-property", "set", "editor", "nope", "x", "--object", "pc1*"],
    "The product 'editor' has no property 'nope'",
  ],
  [["product-property", "set", "editor", "lang*", "de", "--object", "pc1*"], "has no property 'lang*'"],
  [["product-property", "set", "editor", "language", "fr", "--object", "pc1*"], "language cannot be 'fr', only de, en"],
  [
    ["product-property", "unset", "editor", "language", "--object", "pc2*"],
    "None of them has an own value of 'language'",
  ],
  [["client", "rename", "pc1.example.org", "pc2.example.org"], "already exists"],
])("opsi %j is refused", async (words, text) => {
  const { exitCode, errors } = await site.opsi(...words);
  expect([exitCode, errors]).toEqual([1, expect.stringContaining(text)]);
  expect((await site.json<unknown[]>("group", "list")).length).toBeLessThan(5);
});

test("products and their states", async () => {
  expect(await site.json("product", "list", "ed*")).toMatchObject([
    { id: "editor", version: "1.0-2", type: "LocalbootProduct", depots: ["server.example.org"] },
  ]);
  const status = (...words: string[]) => site.json<unknown[]>("product", "status", "--clients", "all", ...words);
  const editor = {
    clientId: "pc1.example.org",
    productId: "editor",
    installationStatus: "installed",
    version: "1.0-2",
  };
  expect(await status()).toMatchObject([editor, { productId: "viewer", actionResult: "failed" }]);
  expect(await status("--failed")).toMatchObject([{ productId: "viewer" }]);
  expect(await status("--products", "v*,x")).toMatchObject([{ productId: "viewer" }]);
  expect(await status("--requested")).toEqual([]);
  await execute("setProductActionRequest", "viewer", "pc2.example.org", "setup");
  expect(await status("--requested")).toMatchObject([{ clientId: "pc2.example.org", actionRequest: "setup" }]);
});

test("values of properties are set for hosts, and removed again", async () => {
  const get = (...words: string[]) => site.json("product-property", "get", "editor", ...words);
  expect(await get("lang*")).toMatchObject([{ propertyId: "language", version: "1.0-2", defaultValues: ["en"] }]);
  const own = ["--object", "pc1.example.org"];
  await site.json("product-property", "set", "editor", "language", "en", "--object", "server.example.org");
  expect(await get("language", ...own)).toMatchObject([{ values: ["en"], source: "inherited" }]);
  await site.json("product-property", "set", "editor", "language", "de", ...own);
  await site.json("product-property", "set", "editor", "autoupdate", "off", "--object", "server.example.org");
  expect(await get(...own)).toEqual(
    expect.arrayContaining([
      { objectId: "pc1.example.org", propertyId: "language", values: ["de"], source: "own" },
      { objectId: "pc1.example.org", propertyId: "autoupdate", values: [false], source: "inherited" },
    ]),
  );
  await site.json("product-property", "unset", "editor", "language", ...own);
  expect(await get("language", ...own)).toMatchObject([{ values: ["en"], source: "inherited" }]);
});

test("clients are changed and renamed, depots listed", async () => {
  await site.json("client", "create", "old.example.org", "--depot", "SERVER.*");
  expect(await site.json("config", "get", "clientconfig.depot.id", "--object", "old.example.org")).toMatchObject([
    { values: ["server.example.org"] },
  ]);
  await site.json(
    "client",
    "set",
    "--clients",
    "old.example.org",
    "--description",
    "Reception",
    "--mac",
    "001122334455",
  );
  await site.json("client", "rename", "old.example.org", "new.example.org");
  expect(await site.json("client", "list", "--clients", "new*")).toMatchObject([
    { id: "new.example.org", description: "Reception", hardwareAddress: "00:11:22:33:44:55" },
  ]);
  expect(await site.opsi("client", "set", "--clients", "new*")).toMatchObject({ exitCode: 2 });
  const [depot] = await site.json<Record<string, unknown>[]>("depot", "list");
  expect(depot).toMatchObject({ id: "server.example.org", type: "OpsiConfigserver", clients: 3 });
  expect(depot).not.toHaveProperty("opsiHostKey");
});

test("products that are locked are unlocked", async () => {
  await execute("lockProduct", "viewer", [site.hostId]);
  expect(await site.json("package", "list", "viewer")).toMatchObject([{ locked: true }]);
  expect(await site.opsi("package", "unlock", "v*", "--dry-run")).toMatchObject({
    errors: "Would unlock viewer on server.example.org\n",
  });
  expect(await site.json("package", "unlock", "v*")).toMatchObject([{ productId: "viewer" }]);
  expect(await site.json("package", "list", "viewer")).toMatchObject([{ locked: false }]);
  expect(await site.opsi("package", "unlock", "viewer")).toMatchObject({ exitCode: 1 });
});

test("what was found on clients", async () => {
  const program = (name: string) => ({
    ...{ name, version: "1.0", subVersion: "", language: "de", architecture: "x64" },
  });
  const found = ["Editor", "Viewer"].map(program);
  await execute(
    "auditSoftware_createObjects",
    found.map((one) => ({ type: "AuditSoftware", ...one })),
  );
  const seen = { type: "AuditSoftwareOnClient", licenseKey: "KEY-1" };
  await execute("auditSoftwareOnClient_createObjects", [
    ...found.map((one) => ({ ...seen, ...one, clientId: "pc1.example.org" })),
    { ...seen, ...program("Editor"), clientId: "pc2.example.org" },
  ]);
  const software = (...words: string[]) => site.opsi("inventory", "software", "--output", "csv", ...words);
  expect((await software("--clients", "all", "--attributes", "clientId,name,version")).out).toBe(
    "clientId;name;version\npc1.example.org;Editor;1.0\npc1.example.org;Viewer;1.0\npc2.example.org;Editor;1.0\n",
  );
  const named = await site.json<unknown[]>("inventory", "software", "--clients", "pc1*", "--names", "Edit*,x");
  expect(named).toMatchObject([{ name: "Editor", language: "de" }]);
  expect(named[0]).not.toHaveProperty("licenseKey");

  const device = { type: "AuditHardwareOnHost", hostId: "pc1.example.org" };
  const stored = await execute("auditHardwareOnHost_createObjects", [
    { ...device, hardwareClass: "PROCESSOR", name: "A processor", maxClockSpeed: 8 },
    { ...device, hardwareClass: "COMPUTER_SYSTEM", name: "PC1", vendor: "A maker", model: "A model" },
  ]);
  expect(stored).toMatchObject({ errors: "" });
  const hardware = (...words: string[]) => site.json("inventory", "hardware", "--clients", "all", ...words);
  expect(await hardware()).toMatchObject([
    { hostId: "pc1.example.org", hardwareClass: "COMPUTER_SYSTEM", vendor: "A maker", model: "A model" },
    { hardwareClass: "PROCESSOR", maxClockSpeed: 8 },
  ]);
  expect(await hardware("--classes", "PROCESSOR")).toMatchObject([{ name: "A processor" }]);
});
