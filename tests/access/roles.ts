import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeUsers } from "../../packages/server/src/auth/test-users.ts";
import type { RpcAnswer } from "../faults/fault-site.ts";
import {
  admin,
  basic,
  client,
  depot,
  depotServer,
  FaultSite,
  other,
  own,
  passwords,
  plain,
  server,
} from "../faults/fault-site.ts";
import { seed } from "../faults/seed.ts";

const readerPassword = "Reader-Secret-2468";

/** Who calls; the name and the login. The two clients call about the first one. */
export const roles = {
  administrator: admin,
  "read-only": `reader:${readerPassword}`,
  restricted: plain,
  depot: depotServer,
  client,
  other: `${other.id}:${other.key}`,
  anonymous: null,
} as const satisfies Record<string, string | null>;
export type Role = keyof typeof roles;
export const roleNames = Object.keys(roles) as Role[];

/** Texts that this site has besides those of the seed. */
export const siteSecrets = {
  secondFactor: "SECONDFACTOROFGUEST",
  licenseKey: "LICENSE-KEY-OF-NOBODY",
  keyOfOwn: "LICENSE-KEY-OF-PC1",
};

/** A site with objects of two clients and two depots, and a user of each kind. */
export async function startSiteOfRoles(): Promise<{ site: FaultSite } & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const root = mkdtempSync(join(tmpdir(), "opsi-access-"));
  opening.defer(() => rmSync(root, { recursive: true, force: true }));
  const configuration = join(root, "etc/opsi");
  mkdirSync(join(configuration, "backends"), { recursive: true });
  writeFileSync(join(configuration, "opsi.conf"), '[groups]\nreadonly = "opsireadonly"\n');
  writeFileSync(
    join(configuration, "backends/hostcontrol.conf"),
    'config = { "broadcastAddresses": { "0.0.0.0/0": { "127.0.0.1": [9] } } }\n',
  );
  const site = opening.use(await FaultSite.start({ root }));
  writeSiteUsers(root);
  await seed(site);
  await complete(site);
  const running = opening.move();
  return { site, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function writeSiteUsers(root: string): void {
  const administrators = ["opsiadmin", "opsifileadmins"];
  writeUsers(join(root, "etc/opsi/users.json"), {
    boss: { password: passwords.boss, groups: administrators },
    reader: { password: readerPassword, groups: [...administrators, "opsireadonly"] },
    guest: { password: passwords.guest, groups: [] },
    spare: { password: "Spare-Secret-1357", groups: [] },
    doomed: { password: "Doomed-Secret-1357", groups: [] },
  });
}

/** What the seed lacks: a second depot, products at the config server, things that nothing hangs on. */
async function complete(site: FaultSite): Promise<void> {
  const version = { productVersion: "1.0", packageVersion: "1" };
  const scripts = { setupScript: "setup.opsiscript", uninstallScript: "un.opsiscript", updateScript: "up.opsiscript" };
  await site.must("host_createOpsiDepotserver", "depot2.corpus.test", depot.key.replaceAll("0", "f"), "file:///x");
  await site.must("host_updateObject", { type: "OpsiClient", id: own.id, ipAddress: "127.0.0.1" });
  await site.must("user_createObjects", [{ type: "User", id: "guest", otpSecret: siteSecrets.secondFactor }]);
  await site.must("user_setCredentials", "pcpatch", "for-the-depot");
  const local = ["prod", "needed", "old", "locked"].map((id) => ({
    type: "LocalbootProduct",
    id,
    ...version,
    ...scripts,
  }));
  const netboot = { type: "NetbootProduct", id: "netboot", ...version, setupScript: "setup.py" };
  await site.must("product_createObjects", [...local, netboot]);
  const onDepots = [...local, netboot].flatMap(({ id, type }) =>
    [server.id, depot.id].map((depotId) => ({
      ...{ type: "ProductOnDepot", productId: id, productType: type, depotId, ...version, locked: id === "locked" },
    })),
  );
  await site.must("productOnDepot_createObjects", onDepots);
  const onClients = [own.id, other.id].flatMap((clientId) => [
    {
      ...{ type: "ProductOnClient", productId: "old", productType: "LocalbootProduct", clientId },
      ...{ installationStatus: "installed", productVersion: "0.9", packageVersion: "1", actionResult: "failed" },
    },
    {
      ...{ type: "ProductOnClient", productId: "netboot", productType: "NetbootProduct", clientId },
      ...{ installationStatus: "installed", actionRequest: "setup" },
    },
  ]);
  await site.must("productOnClient_createObjects", onClients);
  await site.must("group_createObjects", [{ type: "ProductGroup", id: "products" }]);
  await site.must("objectToGroup_create", "ProductGroup", "products", "needed");
  await site.must("licenseContract_createObjects", [{ type: "LicenseContract", id: "spare" }]);
  await site.must("licensePool_createObjects", [{ type: "LicensePool", id: "spare" }]);
  await site.must("softwareLicense_createObjects", [
    { type: "RetailSoftwareLicense", id: "spare", licenseContractId: "contract" },
    { type: "RetailSoftwareLicense", id: "unpooled", licenseContractId: "contract" },
  ]);
  await site.must("softwareLicenseToLicensePool_create", "spare", "pool", siteSecrets.licenseKey);
  await site.must("licenseOnClient_create", "license", "pool", own.id, siteSecrets.keyOfOwn);
}

/** Puts back what calls of the role before may have changed outside of the database. */
export async function putBackFiles(site: FaultSite): Promise<void> {
  writeSiteUsers(site.root);
  await site.must("SSHCommand_createObjects", [{ menuText: "menu", commands: ["true"] }]);
  await site.must("SSHCommand_deleteObjects", ["new"]);
  await site.must("depot_acquireTransferSlot", depot.id, own.id, "8f6b7c1a-4444-4000-8000-000000000001");
  const folder = join(site.root, "var/lib/opsi/depot");
  mkdirSync(join(folder, "prod"), { recursive: true });
  writeFileSync(join(folder, "prod/file.txt"), "x");
  writeFileSync(join(folder, "readable.txt"), "x");
}

/** Those that end their session get one of their own. */
const endsSession = /^(exit|backend_exit)$/;

export async function callAs(
  site: FaultSite,
  role: Role,
  method: string,
  params: readonly unknown[],
): Promise<RpcAnswer> {
  const login = roles[role];
  if (login !== null && !endsSession.test(method)) return site.call(login, method, ...params);
  const headers: Record<string, string> = login === null ? {} : { authorization: basic(login) };
  const { status, text } = await site.send("POST", "/rpc", { headers, json: { id: 1, method, params } });
  if (status !== 200) return { result: null, error: { class: `status ${status}`, message: text } };
  const { result = null, error = null } = JSON.parse(text) as Partial<RpcAnswer>;
  return { result, error };
}
