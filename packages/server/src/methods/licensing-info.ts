import { timestamp } from "@opsi-ts/model";
import { type Call, type Method, parameters } from "./declare.ts";
import { configs, hosts, productsOnClients } from "./families.ts";

/** Names by which programs ask whether they may offer something. (methods 6.1) */
const knownModules = [
  ..."directory-connector dynamic_depot install_by_shutdown license_management linux_agent local_imaging".split(" "),
  ..."macos_agent monitoring mysql_backend roaming_profiles scalability1 secureboot swondemand treeview uefi".split(
    " ",
  ),
  ..."userroles vista wim-capture win-vhd vpn".split(" "),
];
const obsoleteModules = ["dynamic_depot", "treeview", "vista", "win-vhd"];
/** "Without limit" as the original writes it. */
const unlimited = 999_999_999;

/** Clients that were not seen for a year count as inactive. */
const activeDays = 365;
/** Ids in one question to the database. */
const idsAtOnce = 10_000;

interface ClientNumbers {
  readonly windows: number;
  readonly linux: number;
  readonly macos: number;
  readonly inactive: number;
  readonly all: number;
}

/** Counted by the database: every agent asks at its start, and a site may have ten thousand. */
async function clientNumbers({ storage }: Call, now: Date): Promise<ClientNumbers> {
  const agents = await storage.read(productsOnClients, {
    attributes: ["installationStatus"],
    filter: { productId: ["opsi-linux-client-agent", "opsi-mac-client-agent"], installationStatus: "installed" },
  });
  const agentOf = new Map(agents.map(({ clientId, productId }) => [String(clientId), String(productId)]));
  const lastSeen = `>${lastInactiveDay(now)} 23:59:59`;
  const activeWith = async (agent: string) => {
    const ids = [...agentOf].flatMap(([clientId, productId]) => (productId === agent ? [clientId] : []));
    let active = 0;
    for (let start = 0; start < ids.length; start += idsAtOnce) {
      active += await storage.count(hosts, { filter: { id: ids.slice(start, start + idsAtOnce), lastSeen } });
    }
    return active;
  };
  const total = await storage.count(hosts);
  const all = await storage.count(hosts, { filter: { lastSeen } });
  const [linux, macos] = [await activeWith("opsi-linux-client-agent"), await activeWith("opsi-mac-client-agent")];
  return { windows: all - linux - macos, linux, macos, inactive: total - all, all };
}

/** Days are those of the calendar, whatever the time. */
function lastInactiveDay(now: Date): string {
  return timestamp(new Date(now.getFullYear(), now.getMonth(), now.getDate() - activeDays, 12)).slice(0, 10);
}

/** Limits at which programs warn; what is configured badly counts as not configured. */
async function warnings({ storage }: Call): Promise<Record<string, unknown>> {
  const found = await storage.read(configs, { filter: { id: "licensing.*" } });
  const valuesOf = new Map(found.map(({ id, defaultValues }) => [String(id), defaultValues]));
  const list = (name: string): unknown[] => {
    const values = valuesOf.get(`licensing.${name}`);
    return Array.isArray(values) ? values : [];
  };
  const number = (name: string, initial: number) => {
    const [text] = list(name);
    return /^\s*\d+\s*$/.test(String(text)) ? Number(text) : initial;
  };
  return {
    client_limit_warning_percent: number("client_limit_warning_percent", 95),
    client_limit_warning_absolute: number("client_limit_warning_absolute", 5),
    client_limit_warning_days: number("client_limit_warning_days", 30),
    disable_warning_for_modules: list("disable_warning_for_modules"),
  };
}

/** There is nothing to buy: everything is there for everybody. Read with the server's rights, as anyone may ask. */
async function licensingInfo(call: Call, licenses: unknown, legacyModules: unknown, dates: unknown): Promise<unknown> {
  const module = { available: true, state: "free", license_ids: [], client_number: unlimited };
  return {
    client_numbers: await clientNumbers(call, new Date()),
    known_modules: knownModules,
    obsolete_modules: obsoleteModules,
    available_modules: knownModules,
    modules: Object.fromEntries(knownModules.map((name) => [name, module])),
    licenses_checksum: "00000000",
    config: await warnings(call),
    ...(licenses ? { licenses: [] } : {}),
    ...(legacyModules ? { legacy_modules: null } : {}),
    ...(dates ? { dates: {} } : {}),
  };
}

export const licensingInfoMethods: readonly Method[] = [
  {
    name: "backend_getLicensingInfo",
    doc: "Which extension modules may be used: all.",
    parameters: parameters("licenses=False legacy_modules=False dates=False allow_cache=True"),
    result: "dict",
    access: "name",
    run: (call, licenses, legacyModules, dates) => licensingInfo(call, licenses, legacyModules, dates),
  },
];
