import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import type { Call } from "../declare.ts";
import { configs, hosts, products, productsOnDepots } from "../families.ts";

export type CheckStatus = "ok" | "warning" | "error";

interface Finding {
  readonly status: CheckStatus;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

interface Check {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** What was found, by the id of the part. */
  run(call: Call): Promise<Readonly<Record<string, Finding>>>;
}

const ok = (message: string): Finding => ({ status: "ok", message });
const gigabyte = 1_000_000_000;
const certificateWarningDays = 30;

function certificate(what: string, days: number | null): Finding {
  if (days === null) return { status: "error", message: `There is no ${what}.` };
  const left = Math.floor(days);
  if (left <= 0) return { status: "error", message: `The ${what} is not valid any more.` };
  if (left <= certificateWarningDays)
    return { status: "warning", message: `The ${what} is valid for ${left} days only.` };
  return ok(`The ${what} is valid for ${left} days.`);
}

async function diskUsage(folder: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const [free, all] = [bavail * bsize, blocks * bsize];
  const percent = all === 0 ? 100 : (free / all) * 100;
  const message = `${(free / gigabyte).toFixed(1)} GB (${percent.toFixed(1)} %) free at '${folder}'.`;
  const status = percent <= 5 ? "error" : percent <= 15 ? "warning" : "ok";
  return { status, message, details: { capacity: all, available: free } };
}

const checks: readonly Check[] = [
  {
    id: "ssl",
    name: "SSL",
    description: "Validity of the certificates.",
    run: async ({ site }) => {
      const { authority, server } = site.service.certificateValidity();
      return {
        opsi_ca_cert: certificate("certificate of the opsi CA", authority),
        server_cert: certificate("server certificate", server),
      };
    },
  },
  {
    id: "disk_usage",
    name: "Disk usage",
    description: "Space left for the data, the depot and the logs.",
    run: async ({ site }) => {
      const { state, depot, repository, logs } = site.folders;
      const folders = [...new Set([state, depot, repository, logs])];
      const found = await Promise.all(folders.map(async (folder) => [folder, await diskUsage(folder)] as const));
      return Object.fromEntries(found);
    },
  },
  {
    id: "depotservers",
    name: "Depot servers",
    description: "Folders of this depot.",
    run: async ({ site }) => {
      const { depot, workbench, repository } = site.folders;
      const parts = { depot_path: depot, workbench_path: workbench, repository_path: repository };
      return Object.fromEntries(
        Object.entries(parts).map(([id, path]) => [
          id,
          existsSync(path) ? ok(`'${path}' exists.`) : { status: "error" as const, message: `'${path}' is missing.` },
        ]),
      );
    },
  },
  {
    id: "unique_hardware_addresses",
    name: "Unique hardware addresses",
    description: "Hosts with the same hardware address.",
    run: async ({ storage }) => {
      const found = await storage.read(hosts, { attributes: ["hardwareAddress"] });
      const byAddress = Map.groupBy(
        found.filter(({ hardwareAddress }) => hardwareAddress && !String(hardwareAddress).startsWith("00:00:00")),
        ({ hardwareAddress }) => String(hardwareAddress),
      );
      const several = [...byAddress].filter(([, list]) => list.length > 1);
      if (several.length === 0) return { addresses: ok("All hardware addresses are unique.") };
      return Object.fromEntries(
        several.map(([address, list]) => [
          address,
          { status: "error" as const, message: `${address} belongs to ${list.map(({ id }) => id).join(", ")}.` },
        ]),
      );
    },
  },
  {
    id: "opsi_config",
    name: "Configuration of opsi",
    description: "Configs that clients need.",
    run: async ({ storage }) => {
      const needed = ["clientconfig.configserver.url", "clientconfig.depot.id"];
      const found = await storage.read(configs, { filter: { id: needed } });
      const values = new Map(found.map(({ id, defaultValues }) => [String(id), defaultValues]));
      return Object.fromEntries(
        needed.map((id) => {
          const value = values.get(id);
          const isSet = Array.isArray(value) && value.some((each) => each !== "" && each !== null);
          return [
            id,
            isSet
              ? ok(`'${id}' has a default value.`)
              : { status: "error" as const, message: `'${id}' has no default value.` },
          ];
        }),
      );
    },
  },
  {
    id: "products_on_depots",
    name: "Products on depots",
    description: "Products on depots that are locked or whose data are missing.",
    run: async ({ storage }) => {
      const onDepots = await storage.read(productsOnDepots);
      const known = new Set(
        (await storage.readIdents(products)).map((p) => `${p["id"]};${p["productVersion"]};${p["packageVersion"]}`),
      );
      const findings: Record<string, Finding> = {};
      for (const { productId, productVersion, packageVersion, depotId, locked } of onDepots) {
        const place = `${productId} ${productVersion}-${packageVersion} on ${depotId}`;
        if (locked) findings[`${depotId};${productId}`] = { status: "warning", message: `${place} is locked.` };
        else if (!known.has(`${productId};${productVersion};${packageVersion}`)) {
          findings[`${depotId};${productId}`] = { status: "error", message: `The data of ${place} are missing.` };
        }
      }
      return Object.keys(findings).length > 0 ? findings : { products: ok("All products on depots are usable.") };
    },
  },
];

const worst = (statuses: readonly CheckStatus[]): CheckStatus =>
  statuses.includes("error") ? "error" : statuses.includes("warning") ? "warning" : "ok";

/** A result as it goes over the wire. (methods 6.2) */
function onWire(check: Pick<Check, "id" | "name" | "description">, finding: Finding, partial: boolean) {
  const { id, name, description } = check;
  return {
    check: {
      ...{ id, name, description, documentation: "", depot_check: false, cache: false, cache_expiration: 0 },
      ...{ partial_checks: [], partial_check: partial, cache_partial_checks: false },
    },
    check_status: finding.status,
    message: finding.message,
    details: finding.details ?? {},
    upgrade_issue: null,
    partial_results: [] as unknown[],
  };
}

/** All checks; one that fails itself is a result, too. */
export async function healthCheck(call: Call): Promise<unknown[]> {
  return Promise.all(
    checks.map(async (check) => {
      let findings: Readonly<Record<string, Finding>>;
      try {
        findings = await check.run(call);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return onWire(check, { status: "error", message: `The check failed: ${message}` }, false);
      }
      const status = worst(Object.values(findings).map((finding) => finding.status));
      const issues = Object.values(findings).filter((finding) => finding.status !== "ok").length;
      const message = issues === 0 ? `${check.name}: no issues found.` : `${issues} issue(s) found.`;
      const partial = Object.entries(findings).map(([id, finding]) =>
        onWire({ id: `${check.id}:${id}`, name: id, description: check.description }, finding, true),
      );
      return { ...onWire(check, { status, message }, false), partial_results: partial };
    }),
  );
}
