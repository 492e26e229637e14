import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConfigState,
  fromHash,
  OpsiClient,
  OpsiConfigserver,
  OpsiDepotserver,
  ProductPropertyState,
  UnicodeConfig,
} from "@opsi-ts/model";
import { makePackage } from "@opsi-ts/opsi-package";
import { ServiceClient } from "@opsi-ts/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import { readConfiguration } from "../configuration/read-options.ts";
import { openCore } from "../open-core.ts";
import { startServer } from "../start-server.ts";
import type { Depot } from "./depot.ts";
import { storedDepotData } from "./depot-data.ts";
import { installPackage } from "./install-package.ts";
import { serviceDepotData } from "./service-depot-data.ts";
import { uninstallPackage } from "./uninstall-package.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "depot-data-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("clients belong to the depot of their state, of the config, or to the config server", async () => {
  await using storage = await SqliteStorage.open(join(root, "data.sqlite"));
  const data = storedDepotData(storage);
  await data.create("host", [
    fromHash(OpsiConfigserver, { id: "server.example.org" }),
    fromHash(OpsiDepotserver, { id: "depot.example.org" }),
    ...["a", "b", "c"].map((name) => fromHash(OpsiClient, { id: `${name}.example.org` })),
  ]);
  expect(await data.clientsOf("server.example.org")).toHaveLength(3);
  const configId = "clientconfig.depot.id";
  await data.create("config", [fromHash(UnicodeConfig, { id: configId, defaultValues: ["depot.example.org"] })]);
  const state = { configId, objectId: "b.example.org", values: ["server.example.org"] };
  await data.create("configState", [fromHash(ConfigState, state)]);
  expect(await data.clientsOf("server.example.org")).toEqual(["b.example.org"]);
  expect(await data.clientsOf("depot.example.org")).toEqual(["a.example.org", "c.example.org"]);
});

test("a depot server installs and uninstalls with the data of the config service", async () => {
  const configuration = readConfiguration({
    commandLine: ["--interface", "127.0.0.1", "--port", "0", "--host-id", "server.example.org"],
    environment: { OPSI_ADMIN_PASSWORD: "secret word" },
    defaultRoot: join(root, "server"),
    hostName: "server.example.org",
  });
  await using server = await startServer(configuration, openCore, { stderr: () => {} });
  const { name, password } = { name: server.newAdministrator?.name ?? "", password: "secret word" };
  await using service = await ServiceClient.connect({ url: server.url, username: name, password, verify: "none" });
  const data = serviceDepotData(service);
  const id = "depot.example.org";
  await data.create("host", [fromHash(OpsiDepotserver, { id }), fromHash(OpsiClient, { id: "pc.example.org" })]);
  await service.call("config_createObjects", [
    [fromHash(UnicodeConfig, { id: "clientconfig.depot.id", possibleValues: [id], defaultValues: [id] })],
  ]);

  const state = join(root, "depot");
  const folders = {
    root: state,
    state,
    depot: join(state, "depot"),
    temporary: join(state, "tmp"),
    boot: join(state, "boot"),
  };
  await mkdir(folders.depot, { recursive: true });
  const log = { info: () => {}, warning: () => {}, error: () => {} };
  const depot: Depot = { id, data, folders, serverVersion: "4.3", owner: { user: null, group: "-" }, log };
  await installPackage(depot, await packageWith('["x", "y"]', "1"));
  const clientState = { productId: "p", propertyId: "choice", objectId: "pc.example.org", values: ["x"] };
  await data.create("productPropertyState", [fromHash(ProductPropertyState, clientState)]);
  await installPackage(depot, await packageWith('["y"]', "2"), { propertyDefaultValues: { choice: ["y"] } });

  expect(await data.read("productOnDepot", {})).toMatchObject([{ depotId: id, productVersion: "2", locked: false }]);
  expect(await data.read("product", {})).toMatchObject([{ id: "p", productVersion: "2" }]);
  expect(await data.read("productPropertyState", {})).toMatchObject([{ objectId: id, values: ["y"] }]);
  expect(await readFile(join(folders.depot, "p/setup.opsiscript"), "utf8")).toBe("2");
  await uninstallPackage(depot, "p");
  expect(await data.read("productOnDepot", {})).toEqual([]);
  await server.certificatesReady.catch(() => undefined); // it writes files
});

async function packageWith(values: string, version: string): Promise<string> {
  const source = await mkdtemp(join(root, "source-"));
  await mkdir(join(source, "OPSI"));
  await mkdir(join(source, "CLIENT_DATA"));
  const property = `[ProductProperty]\nname: choice\nvalues: ${values}\n`;
  await writeFile(join(source, "OPSI/control"), `[Product]\ntype: localboot\nid: p\nversion: ${version}\n${property}`);
  await writeFile(join(source, "CLIENT_DATA/setup.opsiscript"), version);
  return (await makePackage(source, { destination: source })).path;
}
