import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { familyOf, fromHash, isOpsiError, OpsiError, type OpsiObject, objectTypes } from "@opsi-ts/model";
import { defaultLimits } from "@opsi-ts/protocol";
import { AccessControl } from "../access-control/access-control.ts";
import { parseAcl } from "../access-control/acl-file.ts";
import { defaultAcl } from "../access-control/default-acl.ts";
import { testTrail } from "../audit/test-trail.ts";
import { Credentials } from "../auth/credentials.ts";
import { LocalUsers } from "../auth/local-users.ts";
import { LoginThrottle } from "../auth/login-throttle.ts";
import { PasswordFile } from "../auth/password-file.ts";
import type { Session } from "../auth/session.ts";
import { testSession } from "../auth/test-session.ts";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import { HardwareCatalog } from "../configuration/hardware-catalog.ts";
import { readHostControlSettings } from "../configuration/host-control-settings.ts";
import { readConfiguration } from "../configuration/read-options.ts";
import { ServerCommands } from "../configuration/server-commands.ts";
import { createSiteFolders, type SiteFolders, siteFolders } from "../configuration/site-folders.ts";
import { storedDepotData } from "../depot/depot-data.ts";
import { PxeControl } from "../depot/pxe-control.ts";
import { TransferSlots } from "../depot/transfer-slots.ts";
import { Extender } from "../extend/extender.ts";
import { HostControl } from "../host-control/host-control.ts";
import { allMethods } from "../methods/all.ts";
import type { ApplicationStateControl, MaintenanceState } from "../methods/service/service-control.ts";
import { CallHistory } from "./call-history.ts";
import { RpcService } from "./rpc-service.ts";

/** Calls a method as one caller: its result, or the error as it is on the wire. */
export type Caller = (method: string, ...params: unknown[]) => Promise<unknown>;

/** All methods and the default access rules over real data in a folder of their own, for tests. */
export interface TestRpc extends AsyncDisposable {
  readonly storage: SqliteStorage;
  readonly folders: SiteFolders;
  readonly applicationState: ApplicationStateControl;
  readonly service: RpcService;
  readonly throttle: LoginThrottle;
  readonly extender: Extender;
  /** What extensions, and the extender about them, have logged. */
  readonly extensionLog: readonly (Record<string, unknown> & { readonly message: string })[];
  readonly admin: Caller;
  /** A user without any rights. */
  readonly user: Caller;
  client(id: string): Caller;
  depot(id: string): Caller;
}

export const serverId = "server.example.org";
export const serverKey = "0123456789abcdef0123456789abcdef";

/** Files that are handed on, under the name of their number. */
class MemoryTransfers {
  readonly #folder: string;
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async store(source: AsyncIterable<Uint8Array>): Promise<string> {
    const id = String(++this.#count);
    await writeFile(join(this.#folder, id), await Array.fromAsync(source).then(Buffer.concat));
    return id;
  }

  async find(id: string) {
    const path = join(this.#folder, id);
    return existsSync(path) ? { path } : null;
  }

  remove(id: string): Promise<void> {
    return rm(join(this.#folder, id), { force: true });
  }
}

class MemoryState implements ApplicationStateControl {
  maintenance: MaintenanceState | null = null;

  get type() {
    return this.maintenance === null ? "normal" : "maintenance";
  }

  set(): void {
    this.maintenance = null;
  }

  startMaintenance(options: Partial<MaintenanceState>): void {
    this.maintenance = { retryAfter: 600, message: "", addressExceptions: [], ...options };
  }
}

/** Throws errors of the answer as the server threw them. */
function callerOf(rpc: RpcService, caller: Session): Caller {
  return async (method, ...params) => {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
    const request = { body, contentType: "application/json", contentEncoding: "", accept: "", acceptEncoding: "" };
    const answer = await rpc.answer({ ...request, userAgent: "", query: "" }, caller);
    const { result, error } = JSON.parse(Buffer.from(answer.body).toString());
    if (error) throw Object.assign(new Error(error.message), { class: error.data?.class });
    return result;
  };
}

/**
 * @param hosts ids of clients and depots that are there from the start
 * @param authority PEM of the opsi CA
 * @param acl what acl.conf says
 */
export async function openTestRpc(
  hosts: { clients?: readonly string[]; depots?: readonly string[] } = {},
  authority = "",
  acl = defaultAcl,
) {
  const root = await mkdtemp(join(tmpdir(), "opsi-rpc-"));
  const folders = siteFolders(root);
  createSiteFolders(folders);
  const hardware = HardwareCatalog.read(folders.configuration);
  const audit = testTrail({ hardware: hardware.types });
  const storage = await SqliteStorage.open(join(folders.state, "opsi.sqlite"), hardware.types, audit);
  const family = familyOf("host");
  const host = (type: string, id: string, opsiHostKey?: string): OpsiObject => {
    const objectType = objectTypes.get(type);
    if (!objectType) throw new Error(type);
    return fromHash(objectType, { id, opsiHostKey });
  };
  const { clients = [], depots = [] } = hosts;
  await storage.write(
    family,
    [
      host("OpsiConfigserver", serverId, serverKey),
      ...depots.map((id) => host("OpsiDepotserver", id)),
      ...clients.map((id) => host("OpsiClient", id)),
    ],
    "insert",
  );
  const extensionLog: (Record<string, unknown> & { message: string })[] = [];
  const keep = (fields: object, message: string) => void extensionLog.push({ ...fields, message });
  const extender = await Extender.open({
    folder: join(folders.backendManager, "extend.d"),
    builtIn: allMethods(),
    log: { error: keep, warning: keep, notice: keep, info: keep },
  });
  const { methods } = extender;
  const applicationState = new MemoryState();
  const throttle = new LoginThrottle({ maxFailures: 2, interval: 60, blockTime: 60 });
  const calls = new CallHistory();
  const rpc = new RpcService({
    methods,
    storage,
    limits: defaultLimits,
    access: new AccessControl(parseAcl(acl, "acl.conf", { admingroup: "admins", fileadmingroup: "files" })),
    site: {
      hostId: serverId,
      version: "4.3",
      folders,
      maxLogSize: 5,
      keepRotatedLogs: 0,
      hardware,
      audit,
      credentials: new Credentials(storage, new PasswordFile(join(root, "etc/opsi/passwd"), "/etc/opsi/passwd"), {
        hostId: serverId,
        depotUser: "pcpatch",
        depotUserKeyFile: join(root, "var/lib/opsi/.ssh/id_rsa"),
        setSystemPassword: null,
      }),
      localUsers: new LocalUsers(join(folders.configuration, "users.json")),
      depot: {
        id: serverId,
        data: storedDepotData(storage),
        folders,
        serverVersion: "4.3",
        owner: { user: null, group: "files" },
        log: { info: () => {}, warning: () => {}, error: () => {} },
      },
      hostControl: new HostControl({
        settings: () => readHostControlSettings(folders.backends),
        authority: () => Promise.resolve(authority),
        anyCertificate: false,
      }),
      depotLogin: { hostId: serverId, hostKey: serverKey, caFile: join(folders.ssl, "opsi-ca-cert.pem") },
      connectedHosts: () => [],
      pxe: new PxeControl(() => ({ enabled: false, socketPath: "" }), { info() {}, warning() {}, error() {} }),
      transferSlots: new TransferSlots(),
      serverCommands: new ServerCommands(folders, () => {}),
      caCertificates: () => Promise.reject(new OpsiError("BackendIOError", "No certificates in this test")),
      issueCertificate: () => Promise.reject(new OpsiError("BackendIOError", "No certificates in this test")),
      methods: () => methods.values(),
      service: {
        configuration: readConfiguration({
          ...{ commandLine: ["--root", root], environment: {}, defaultRoot: root, hostName: serverId },
        }),
        hostKey: serverKey,
        applicationState,
        directory: null,
        transfers: new MemoryTransfers(root),
        configFiles: { acl_conf: join(folders.backendManager, "acl.conf") },
        recentCalls: () => calls.newestFirst(),
        extensions: () => extender.extensions,
        blockedAddresses: () => throttle.blockedAddresses(),
      },
      endSession: () => {},
      endUserSessions: () => {},
    },
    onCall: (record) => {
      calls.add(record);
      const { error } = record;
      if (error !== null && !isOpsiError(error)) throw error;
    },
  });
  return {
    storage,
    folders,
    applicationState,
    service: rpc,
    throttle,
    extender,
    extensionLog,
    admin: callerOf(rpc, testSession({ username: "admin", isAdmin: true, userGroups: new Set(["admins"]) })),
    user: callerOf(rpc, testSession({ username: "user" })),
    client: (id: string) => callerOf(rpc, testSession({ username: id, hostId: id, hostType: "OpsiClient" })),
    depot: (id: string) =>
      callerOf(rpc, testSession({ username: id, hostId: id, hostType: "OpsiDepotserver", isAdmin: true })),
    [Symbol.asyncDispose]: async () => {
      await extender[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      await rm(root, { recursive: true });
    },
  } satisfies TestRpc;
}
