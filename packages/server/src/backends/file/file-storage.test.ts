import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { families, familyOf, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FileStorage } from "./file-storage.ts";

const configserverId = "opsi.example.org";
let root: string;
let folder: string;
let storage: FileStorage;
let problems: string[];

const open = () =>
  FileStorage.open(folder, {
    configserverId,
    hostKeys: join(root, "pckeys"),
    onProblem: ({ path, line, message }) => problems.push(`${path.slice(folder.length + 1)}:${line}: ${message}`),
  });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "file-storage-"));
  folder = join(root, "config");
  problems = [];
  storage = await open();
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

async function reopen(): Promise<void> {
  await storage[Symbol.asyncDispose]();
  problems = [];
  storage = await open();
}

function object(hash: Record<string, unknown>): OpsiObject {
  const type = objectTypes.get(String(hash["type"]));
  if (!type) throw new Error(String(hash["type"]));
  return fromHash(type, hash);
}
const client = (id: string, more: Record<string, unknown> = {}) => object({ type: "OpsiClient", id, ...more });
const request = (clientId: string, productId: string, more: Record<string, unknown> = {}) =>
  object({ type: "ProductOnClient", productId, productType: "LocalbootProduct", clientId, ...more });
const state = (objectId: string, values: unknown[]) => object({ type: "ConfigState", configId: "c", objectId, values });
const insert = (prefix: string, ...objects: OpsiObject[]) => storage.write(familyOf(prefix), objects, "insert");
const update = (prefix: string, ...objects: OpsiObject[]) => storage.write(familyOf(prefix), objects, "update");
const read = (prefix: string, filter: Record<string, unknown> = {}) => storage.read(familyOf(prefix), { filter });
const clientFile = (id: string) => join(folder, "clients", `${id}.ini`);
const text = (path: string) => readFile(path, "utf8");
const seen = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 1000, interval: 50 });

const pc1 = "pc1.example.org";
const pc2 = "pc2.example.org";

test("a client's file is what the original writes", async () => {
  await insert(
    "host",
    client(pc1, {
      description: "Desk #3",
      created: "2023-02-01 08:15:00",
      lastSeen: "2023-03-04 09:10:11",
      opsiHostKey: "0123456789abcdef0123456789abcdef",
    }),
  );
  await insert("configState", state(pc1, ["a;b"]));
  await insert(
    "productOnClient",
    request(pc1, "editor", { actionRequest: "setup", modificationTime: "2023-03-04 09:10:00" }),
  );
  expect(await text(clientFile(pc1))).toBe(`[info]
description = Desk \\#3
notes = 
inventorynumber = 
created = 2023-02-01 08:15:00
lastseen = 2023-03-04 09:10:11

[generalconfig]
c = ["a\\u003bb"]

[editor-state]
producttype = LocalbootProduct
modificationtime = 2023-03-04 09:10:00

[localboot_product_states]
editor = not_installed:setup
`);
  expect(await text(join(root, "pckeys"))).toBe(`${pc1}:0123456789abcdef0123456789abcdef\n`);
  expect((await stat(clientFile(pc1))).mode & 0o777).toBe(0o660);
});

test("what was written is there after the next start, whatever the type", async () => {
  const version = { productVersion: "1.0", packageVersion: "1" };
  const product = { productId: "editor", ...version };
  const software = { name: "A", version: "1", subVersion: "", language: "", architecture: "x64" };
  const objects: [string, Record<string, unknown>][] = [
    ["host", { type: "OpsiConfigserver", id: configserverId, isMasterDepot: false, maxBandwidth: 7 }],
    ["host", { type: "OpsiDepotserver", id: "depot.example.org", networkAddress: "10.1.0.0/16" }],
    [
      "host",
      { type: "OpsiClient", id: pc1, notes: "C:\\new\nline", systemUUID: "9f3f1c96-1821-413c-b850-0507a17c7e47" },
    ],
    ["config", { type: "UnicodeConfig", id: "c", possibleValues: ["a", "b"], defaultValues: ["b"], multiValue: false }],
    ["config", { type: "BoolConfig", id: "d", defaultValues: [true] }],
    ["configState", { type: "ConfigState", configId: "c", objectId: pc1, values: ['a\\"; #', "5"] }],
    [
      "product",
      { type: "LocalbootProduct", id: "editor", ...version, name: "Editor", description: "a\n\n b", changelog: "x\n" },
    ],
    ["product", { type: "NetbootProduct", id: "boot", ...version, pxeConfigTemplate: "t" }],
    ["productProperty", { type: "BoolProductProperty", ...product, propertyId: "icon", defaultValues: [true] }],
    [
      "productProperty",
      {
        type: "UnicodeProductProperty",
        ...product,
        propertyId: "lang",
        possibleValues: ["de", "en"],
        defaultValues: ["en"],
      },
    ],
    [
      "productDependency",
      {
        type: "ProductDependency",
        ...product,
        productAction: "setup",
        requiredProductId: "boot",
        requiredAction: "setup",
        requirementType: "before",
      },
    ],
    [
      "productOnDepot",
      {
        type: "ProductOnDepot",
        ...product,
        productType: "LocalbootProduct",
        depotId: "depot.example.org",
        locked: true,
      },
    ],
    [
      "productOnClient",
      {
        type: "ProductOnClient",
        ...product,
        productType: "LocalbootProduct",
        clientId: pc1,
        installationStatus: "installed",
      },
    ],
    [
      "productPropertyState",
      { type: "ProductPropertyState", productId: "editor", propertyId: "lang", objectId: pc1, values: ["de"] },
    ],
    ["group", { type: "HostGroup", id: "rooms", description: "R" }],
    ["group", { type: "HostGroup", id: "room 1", parentGroupId: "rooms" }],
    ["group", { type: "ProductGroup", id: "rooms" }],
    ["objectToGroup", { type: "ObjectToGroup", groupType: "HostGroup", groupId: "room 1", objectId: pc1 }],
    ["auditSoftware", { type: "AuditSoftware", ...software, installSize: 5_000_000_000 }],
    ["auditSoftwareOnClient", { type: "AuditSoftwareOnClient", ...software, clientId: pc1, licenseKey: "K;1" }],
    ["licenseContract", { type: "LicenseContract", id: "l1", partner: "P" }],
    ["softwareLicense", { type: "RetailSoftwareLicense", id: "s1", licenseContractId: "l1" }],
    ["licensePool", { type: "LicensePool", id: "p1", productIds: ["editor"] }],
    ["user", { type: "User", id: "admin" }],
  ];
  for (const [prefix, hash] of objects) await insert(prefix, object(hash));
  const hardware = {
    type: "AuditHardwareOnHost",
    hostId: pc1,
    hardwareClass: "NETWORK_CONTROLLER",
    macAddress: "00:50:56:aa:bb:01",
    vendor: null,
    model: "",
  };
  await storage.hardware.write("AuditHardwareOnHost", [hardware], "insert");

  const everything = async () => {
    const found = await Promise.all(families.map((each) => storage.read(each)));
    const hardware = [
      ...(await storage.hardware.read("AuditHardwareOnHost")),
      ...(await storage.hardware.read("AuditHardware")),
    ];
    return [...found.flat(), ...hardware].map((each) => JSON.stringify(each)).sort();
  };
  const before = await everything();
  expect(before).toHaveLength(objects.length + 2);
  await reopen();
  expect(problems).toEqual([]);
  expect(await everything()).toEqual(before);
});

test("a change leaves the rest of a hand-edited file alone", async () => {
  const before = `; room 1, left\n[info]\ndescription: desk   ; by the door\nnotes = x\n\n# set by hand\n[generalconfig]\nc = [ "a" ]\nbroken = ["a"\n`;
  await writeFile(clientFile(pc1), before);
  await reopen();
  expect(problems).toEqual([
    `clients/${pc1}.ini:9: Backend bad value error: Option 'broken' of section 'generalconfig' is not JSON`,
  ]);
  await update("host", client(pc1, { notes: "y" }));
  expect(await text(clientFile(pc1))).toBe(before.replace("notes = x", "notes = y"));
});

test("changes of other programs are seen within a second", async () => {
  await insert("host", client(pc1));
  await writeFile(clientFile(pc2), "[info]\ndescription = new\n");
  await seen(async () => expect(await read("host", { id: pc2 })).toMatchObject([{ description: "new" }]));
  await writeFile(clientFile(pc2), "[info]\ndescription = newer\n");
  await writeFile(join(root, "pckeys"), `${pc2}:0123456789abcdef0123456789abcdef\n`);
  await seen(async () => {
    expect(await read("host", { id: pc2 })).toMatchObject([
      { description: "newer", opsiHostKey: "0123456789abcdef0123456789abcdef" },
    ]);
  });
  await rm(clientFile(pc2));
  await seen(async () => expect(await storage.readIdents(familyOf("host"))).toEqual([{ id: pc1 }]));
});

test("a change of another program just before ours is not lost", async () => {
  await insert("host", client(pc1));
  await insert("configState", state(pc1, ["old"]));
  const path = clientFile(pc1);
  await writeFile(path, (await text(path)).replace('["old"]', '["theirs"]'));
  await update("host", client(pc1, { notes: "ours" }));
  expect(await text(path)).toMatch(/notes = ours[\s\S]*c = \["theirs"\]/);
  expect(await read("configState")).toMatchObject([{ values: ["theirs"] }]);
});

test("a new client starts with what its template says", async () => {
  const template = `[info]\ndescription = nobody\n\n[generalconfig]\nc = ["standard"]\n\n[editor-state]\nproducttype = LocalbootProduct\n`;
  await writeFile(join(folder, "templates", "pcproto.ini"), template);
  await insert("host", client(pc1, { description: "mine" }));
  expect(await read("configState")).toMatchObject([{ objectId: pc1, values: ["standard"] }]);
  expect(await read("productOnClient")).toMatchObject([{ clientId: pc1, productId: "editor" }]);
  expect(await read("host")).toMatchObject([{ description: "mine" }]);
});

test("with a host go its files, with a group its members, with a product its file", async () => {
  await insert("host", client(pc1), client(pc2));
  await insert("group", object({ type: "HostGroup", id: "g" }));
  const member = { type: "ObjectToGroup", groupType: "HostGroup", groupId: "g" };
  await insert("objectToGroup", object({ ...member, objectId: pc1 }), object({ ...member, objectId: pc2 }));
  const product = { type: "LocalbootProduct", id: "editor", productVersion: "1.0", packageVersion: "1" };
  await insert("product", object(product));
  expect(await readdir(join(folder, "products"))).toEqual(["editor_1.0-1.localboot"]);
  await storage.remove(familyOf("host"), [{ id: pc1 }]);
  await storage.remove(familyOf("product"), [product]);
  expect(await readdir(join(folder, "clients"))).toEqual([`${pc2}.ini`]);
  expect(await readdir(join(folder, "products"))).toEqual([]);
  expect(await text(join(folder, "clientgroups.ini"))).toMatch(
    /\[g\]\ndescription = \nnotes = \npc2.example.org = 1\n$/,
  );
  expect(await text(join(root, "pckeys"))).toMatch(/^pc2.example.org:[0-9a-f]{32}\n$/);
  await storage.remove(familyOf("group"), [{ id: "g" }]);
  await reopen();
  expect([await read("group"), await read("objectToGroup"), await read("product")]).toEqual([[], [], []]);
});

test("a failed transaction leaves files and objects as they were", async () => {
  await insert("host", client(pc1));
  const before = await text(clientFile(pc1));
  const failing = storage.transaction(async (store) => {
    await store.write(familyOf("host"), [client(pc1, { notes: "x" })], "update");
    throw new Error("power failure");
  });
  await expect(failing).rejects.toThrow("power failure");
  expect(await text(clientFile(pc1))).toBe(before);
});

test.each([
  ["a state of a host without file", () => insert("configState", state(pc2, ["x"])), "configState needs existing file"],
  [
    "a name that no file can hold",
    () => insert("configState", object({ type: "ConfigState", configId: "a=b", objectId: pc1, values: [] })),
    "cannot store the name 'a=b'",
  ],
  [
    "a dependency that requires nothing",
    () =>
      insert(
        "productDependency",
        object({
          type: "ProductDependency",
          productId: "p",
          productVersion: "1",
          packageVersion: "1",
          productAction: "setup",
          requiredProductId: "q",
        }),
      ),
    "cannot hold this: Dependency to 'q' defines neither",
  ],
])("%s is refused and nothing of it stays", async (_what, write, message) => {
  await insert("host", client(pc1));
  await insert("product", object({ type: "LocalbootProduct", id: "p", productVersion: "1", packageVersion: "1" }));
  await expect(write()).rejects.toThrow(message);
  expect([await read("configState"), await read("productDependency")]).toEqual([[], []]);
});

test("a file that is no text is neither read nor overwritten", async () => {
  await insert("host", client(pc1), client(pc2));
  await writeFile(clientFile(pc1), "[info]\nnotes = \0\n");
  await reopen();
  expect(problems).toEqual([expect.stringContaining(`${pc1}.ini, line 2: a NUL byte`)]);
  expect(await storage.readIdents(familyOf("host"))).toEqual([{ id: pc2 }]);
  await expect(insert("host", client(pc1))).rejects.toMatchObject({ class: "BackendIOError" });
  expect(await text(clientFile(pc1))).toBe("[info]\nnotes = \0\n");
  expect(await storage.readIdents(familyOf("host"))).toEqual([{ id: pc2 }]);
});

test("what the tables of a database could not hold is read and stays", async () => {
  const depot = "depot.example.org";
  await insert("host", object({ type: "OpsiDepotserver", id: depot }));
  const path = join(folder, "depots", `${depot}.ini`);
  const state = "\n[gone-state]\nproducttype = LocalbootProduct\nproductversion = 1\npackageversion = 1\n";
  await writeFile(path, `${await text(path)}${state}`);
  await reopen();
  expect(await read("productOnDepot")).toMatchObject([{ productId: "gone", depotId: depot }]);
  await update("host", object({ type: "OpsiDepotserver", id: depot, description: "d".repeat(100) }));
  expect(await text(path)).toContain(state);
});

test("devices that another program adds are there once, as the others", async () => {
  const device = { type: "AuditHardware", hardwareClass: "NETWORK_CONTROLLER", name: "a" };
  await storage.hardware.write("AuditHardware", [device], "insert");
  const path = join(folder, "audit", "global.hw");
  await writeFile(path, `${await text(path)}\n[hardware_7]\nhardwareclass = NETWORK_CONTROLLER\nname = b\n`);
  await seen(async () => {
    const names = (await storage.hardware.read("AuditHardware")).map(({ name }) => name);
    expect(names.sort()).toEqual(["a", "b"]);
  });
});

test("hardware of a class that is not configured stays in the file", async () => {
  await insert("host", client(pc1));
  const path = join(folder, "audit", `${pc1}.hw`);
  const unknown = "[hardware_0]\nhardwareclass = FLUX_CAPACITOR\nvendor = Brown\n";
  await writeFile(path, unknown);
  await reopen();
  const piece = { type: "AuditHardwareOnHost", hostId: pc1, hardwareClass: "NETWORK_CONTROLLER", name: "n" };
  await storage.hardware.write("AuditHardwareOnHost", [piece], "insert");
  expect(await text(path)).toMatch(
    /^\[hardware_0\]\nhardwareclass = FLUX_CAPACITOR\nvendor = Brown\n\n\[hardware_1\]\n/,
  );
  await storage.hardware.removeOfHosts([pc1]);
  expect((await text(path)).trimEnd()).toBe(unknown.trimEnd());
});

test.each([
  [
    "a second config server",
    object({ type: "OpsiConfigserver", id: pc2 }),
    "the only config server is 'opsi.example.org'",
  ],
  [
    "a client that becomes a depot",
    object({ type: "OpsiDepotserver", id: pc1 }),
    "is something else there, delete it first",
  ],
])("%s is refused: the files do not say the type of a host", async (_what, host, message) => {
  await insert("host", client(pc1));
  await expect(insert("host", host)).rejects.toThrow(message);
  expect(await read("host")).toMatchObject([{ id: pc1, type: "OpsiClient" }]);
});

test("a file of further objects that is damaged is not overwritten", async () => {
  await insert("user", object({ type: "User", id: "a" }));
  const path = join(folder, "opsi-ts.json");
  const damaged = (await text(path)).replace('"User"', '"Usr"');
  await writeFile(path, damaged);
  await reopen();
  expect(problems).toHaveLength(1);
  await expect(insert("user", object({ type: "User", id: "b" }))).rejects.toMatchObject({ class: "BackendIOError" });
  expect(await text(path)).toBe(damaged);
});

test("a tree that vanishes takes no object along", async () => {
  await insert("host", client(pc1));
  await rename(folder, `${folder}-away`);
  await seen(async () =>
    expect(problems).toEqual([expect.stringContaining("is gone, what was read before still counts")]),
  );
  expect(await storage.readIdents(familyOf("host"))).toEqual([{ id: pc1 }]);
  await rename(`${folder}-away`, folder);
});

test("host keys that cannot be read hold up nothing else, and those that were read count", async () => {
  await insert("host", client(pc1, { opsiHostKey: "0123456789abcdef0123456789abcdef" }));
  await writeFile(join(root, "pckeys"), "\0");
  await seen(async () => expect(problems).toEqual([expect.stringContaining("a NUL byte")]));
  await writeFile(clientFile(pc1), "[info]\nnotes = theirs\n");
  await seen(async () => {
    expect(await read("host")).toMatchObject([{ notes: "theirs", opsiHostKey: "0123456789abcdef0123456789abcdef" }]);
  });
  expect(problems).toHaveLength(1);
  await expect(insert("host", client(pc2))).rejects.toMatchObject({ class: "BackendIOError" });
  expect(await text(join(root, "pckeys"))).toBe("\0");
});

// What had been read before was taken for a change of ours, and overwrote what another program wrote next.
test("what was read when a folder vanished is no change of ours", async () => {
  const config = (description: string) =>
    object({ type: "UnicodeConfig", id: "c", description, possibleValues: ["x"], defaultValues: ["x"] });
  await insert("config", config("ours"));
  await insert("host", client(pc1));
  const path = join(folder, "config.ini");
  const ours = await text(path);
  await rename(join(folder, "clients"), join(root, "away"));
  await writeFile(path, ours.replace("ours", "theirs"));
  await seen(async () => {
    expect(await read("config")).toMatchObject([{ description: "theirs" }]);
    expect(problems).toEqual([expect.stringContaining("is gone, what was read before still counts")]);
  });
  await rename(join(root, "away"), join(folder, "clients"));
  await writeFile(path, ours.replace("ours", "their next one"));
  await update("host", client(pc1, { notes: "x" }));
  expect(await text(path)).toContain("description = their next one\n");
});

test("a file is too large, another one a pipe: the rest counts", async () => {
  await insert("host", client(pc1), client(pc2));
  await truncate(clientFile(pc1), (64 << 20) + 1);
  execFileSync("mkfifo", [clientFile("pc3.example.org")]);
  await symlink(clientFile(pc2), clientFile("pc4.example.org"));
  await reopen();
  expect(problems).toEqual([expect.stringContaining("67108865 bytes, at most 67108864 are read")]);
  expect(await storage.readIdents(familyOf("host"))).toEqual([{ id: pc2 }, { id: "pc4.example.org" }]);
});

test("a pipe in the place of a file keeps nobody waiting", async () => {
  await insert("host", client(pc1));
  await rm(clientFile(pc1));
  execFileSync("mkfifo", [clientFile(pc1)]);
  await seen(async () => expect(await storage.count(familyOf("host"))).toBe(0));
  await insert("host", client(pc2));
  await insert("host", client(pc1));
  expect((await stat(clientFile(pc1))).isFile()).toBe(true);
});

test("two servers on the same files lose no change of each other", async () => {
  await insert("host", client(pc1));
  await using other = await open();
  const rounds = Array.from({ length: 15 }, (_, number) => String(number));
  const lost: string[] = [];
  await Promise.all([
    (async () => {
      for (const notes of rounds) {
        await update("host", client(pc1, { notes }));
        if (!(await text(clientFile(pc1))).includes(`notes = ${notes}\n`)) lost.push(`notes ${notes}`);
      }
    })(),
    (async () => {
      for (const value of rounds) {
        await other.write(familyOf("configState"), [state(pc1, [value])], "merge");
        if (!(await text(clientFile(pc1))).includes(`c = ["${value}"]\n`)) lost.push(`value ${value}`);
      }
    })(),
  ]);
  expect(lost).toEqual([]);
});

test("a file that another program keeps locked is not written, and the object stays as it was", async () => {
  await insert("host", client(pc1, { notes: "before" }));
  const other = spawn("flock", [clientFile(pc1), "sh", "-c", "echo locked; cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(other.stdout, "data");
  await expect(update("host", client(pc1, { notes: "x" }))).rejects.toMatchObject({ class: "BackendTemporaryError" });
  expect(await read("host")).toMatchObject([{ notes: "before" }]);
  other.stdin.end();
  await once(other, "close");
  await update("host", client(pc1, { notes: "after" }));
  expect(await text(clientFile(pc1))).toContain("notes = after");
});

test.runIf(process.getuid?.() === 0 && process.platform === "linux")("a full disk changes nothing", async () => {
  const disk = join(root, "disk");
  await mkdir(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]);
  const full = await FileStorage.open(join(disk, "config"), { configserverId, hostKeys: join(disk, "pckeys") });
  try {
    await full.write(familyOf("host"), [client(pc1), client(pc2)], "insert");
    const filling = full.write(
      familyOf("host"),
      [client(pc1, { notes: "a" }), client(pc2, { notes: "b".repeat(8000) })],
      "update",
    );
    await writeFile(join(disk, "filler"), Buffer.alloc(256 << 10)).catch(() => {});
    await filling.catch(() => {});
    const blocked = full.write(
      familyOf("host"),
      [client(pc1, { notes: "c" }), client(pc2, { notes: "d".repeat(8000) })],
      "update",
    );
    await expect(blocked).rejects.toThrow("The disk is full: nothing was written");
    const notes = (await full.read(familyOf("host"))).map((host) => String(host["notes"]).slice(0, 1));
    expect([
      ["", ""],
      ["a", "b"],
    ]).toContainEqual(notes);
    await rm(join(disk, "filler"));
    await full.write(familyOf("host"), [client(pc1, { notes: "e" })], "update");
    expect(await readdir(join(disk, "config", "clients"))).toEqual([`${pc1}.ini`, `${pc2}.ini`]);
  } finally {
    await full[Symbol.asyncDispose]();
    execFileSync("umount", [disk]);
  }
});

test("killed at any moment: all files of a transaction are the old or the new ones", async () => {
  await insert("host", client(pc1), client(pc2));
  for (const milliseconds of [150, 200, 250, 300, 350]) {
    await storage[Symbol.asyncDispose]();
    const writer = spawn(process.execPath, [join(import.meta.dirname, "test-writer.ts"), folder, join(root, "pckeys")]);
    const printed: string[] = [];
    writer.stdout.on("data", (data: Buffer) => printed.push(data.toString()));
    await once(writer.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    writer.kill("SIGKILL");
    await once(writer, "close");
    const acknowledged = Number(printed.join("").trimEnd().split("\n").at(-1));
    storage = await open();
    const notes = (await read("host")).map((host) => Number(host["notes"]));
    expect(notes[0]).toBe(notes[1]);
    expect(notes[0]).toBeGreaterThanOrEqual(acknowledged);
    expect(await readdir(join(folder, "clients"))).toEqual([`${pc1}.ini`, `${pc2}.ini`]);
    expect(problems).toEqual([]);
  }
}, 30_000);
