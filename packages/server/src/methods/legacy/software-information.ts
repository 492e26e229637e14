import {
  AuditSoftware,
  AuditSoftwareOnClient,
  fromHash,
  isHash,
  OpsiError,
  type OpsiObject,
  pythonRepr,
  rule,
} from "@opsi-ts/model";
import { Turn } from "../../backends/turn.ts";
import type { Call, Method } from "../declare.ts";
import { auditSoftware, auditSoftwareOnClients } from "../families.ts";
import { deleteMatching } from "../objects.ts";
import { namesFilter, softwareAttributes, softwareKey } from "../software-key.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { latest, withoutNulls } from "./legacy-values.ts";

/* The software inventory as programs of the time before objects see it. (methods 16.4) */

/** What the views say in other words or not at all. */
const leftOut = new Set<string>([...softwareAttributes, "clientId", "firstseen", "lastseen", "state"]);

/** By the ids that Windows has for programs; others are not shown. */
async function information({ objects }: Call, hostId: unknown): Promise<Record<string, unknown>> {
  const found = await objects.read(auditSoftwareOnClients, [], { clientId: rule.hostId.coerce(hostId) });
  const programs = found.length > 0 ? await objects.read(auditSoftware, [], namesFilter(found)) : [];
  const programOf = new Map(programs.map((program) => [softwareKey(program), program]));
  const entries = found.flatMap((installed): [string, unknown][] => {
    const program = programOf.get(softwareKey(installed));
    const softwareId = program?.["windowsSoftwareId"];
    // Old programs compare names as they are written.
    if (typeof softwareId !== "string" || softwareId === "" || program?.["name"] !== installed["name"]) return [];
    const own = Object.entries(installed).filter(([attribute]) => !leftOut.has(attribute));
    return [
      [
        softwareId,
        withoutNulls({
          ...Object.fromEntries(own),
          softwareId,
          displayName: program?.["windowsDisplayName"],
          displayVersion: program?.["windowsDisplayVersion"],
          installSize: program?.["installSize"],
        }),
      ],
    ];
  });
  const scantime = latest(found.map(({ lastseen }) => lastseen));
  return { ...Object.fromEntries(entries), SCANPROPERTIES: { scantime } };
}

function overview(program: OpsiObject, installed: readonly OpsiObject[]): Record<string, unknown> {
  const first = (attribute: string) => installed.find((entry) => (entry[attribute] ?? "") !== "")?.[attribute] ?? "";
  return {
    windowsSoftwareId: program["windowsSoftwareId"],
    installSize: program["installSize"],
    displayName: program["windowsDisplayName"],
    displayVersion: program["windowsDisplayVersion"],
    uninstallString: first("uninstallString"),
    binaryName: first("binaryName"),
    installedOn: installed.map(({ clientId }) => clientId),
    installationCount: installed.length,
  };
}

async function overviews({ objects }: Call): Promise<unknown[]> {
  const programs = await objects.read(auditSoftware);
  const installed = await objects.read(auditSoftwareOnClients, ["uninstallString", "binaryName"]);
  const installedOf = Map.groupBy(installed, softwareKey);
  return programs.map((program) => overview(program, installedOf.get(softwareKey(program)) ?? []));
}

/** A program of the old form, in which the ids of Windows are keys. */
function program(windowsSoftwareId: string, given: Record<string, unknown>) {
  const lowerCase = Object.fromEntries(Object.entries(given).map(([key, value]) => [key.toLowerCase(), value]));
  const key = {
    name: lowerCase["displayname"] || windowsSoftwareId,
    version: lowerCase["displayversion"] ?? "",
    subVersion: "",
    language: "",
    architecture: "x86",
  };
  return { lowerCase, key };
}

async function setInformation({ objects: all }: Call, hostId: unknown, info: unknown): Promise<null> {
  const clientId = rule.hostId.coerce(hostId);
  if (!isHash(info)) throw new OpsiError("ValueError", `Not a dict '${pythonRepr(info)}'`, { field: "info" });
  const programs: OpsiObject[] = [];
  const installed: OpsiObject[] = [];
  const turn = new Turn();
  for (const [windowsSoftwareId, given] of Object.entries(info)) {
    if (turn.isOver) await turn.pass();
    if (windowsSoftwareId.toLowerCase() === "scanproperties" || !isHash(given)) continue;
    const { lowerCase, key } = program(windowsSoftwareId, given);
    programs.push(
      fromHash(AuditSoftware, {
        ...key,
        windowsSoftwareId,
        windowsDisplayName: lowerCase["displayname"],
        windowsDisplayVersion: lowerCase["displayversion"],
        installSize: lowerCase["installsize"] || -1,
      }),
    );
    const { uninstallstring: uninstallString, binaryname: binaryName } = lowerCase;
    installed.push(fromHash(AuditSoftwareOnClient, { ...key, clientId, uninstallString, binaryName }));
  }
  await all.transaction(async (objects) => {
    await deleteMatching(objects, auditSoftwareOnClients, { clientId });
    if (programs.length > 0) await objects.write(auditSoftware, programs, "insert", "createObjects");
    if (installed.length > 0) await objects.write(auditSoftwareOnClients, installed, "insert", "createObjects");
  });
  return null;
}

async function deleteInformation({ objects }: Call, hostId: unknown): Promise<null> {
  await deleteMatching(objects, auditSoftwareOnClients, { clientId: rule.hostId.coerce(hostId) });
  return null;
}

export const softwareInformationMethods: readonly Method[] = legacyMethods({
  getSoftwareInformation_hash: {
    signature: "hostId",
    doc: "The programs of a host by the ids that Windows has for them.",
    alternative: "auditSoftwareOnClient_getObjects",
    run: information,
  },
  getSoftwareInformation_listOfHashes: {
    signature: "",
    doc: "All programs and the clients that have them.",
    alternative: "auditSoftwareOnClient_getObjects",
    run: overviews,
  },
  setSoftwareInformation: {
    signature: "hostId info",
    doc: "Replaces the programs of a host.",
    alternative: "auditSoftwareOnClient_updateObjects",
    run: setInformation,
  },
  deleteSoftwareInformation: {
    signature: "hostId",
    doc: "Deletes the programs of a host.",
    alternative: "auditSoftwareOnClient_delete",
    run: deleteInformation,
  },
  getSoftwareAuditDataCount: {
    signature: "",
    doc: "Number of objects of the software inventory.",
    result: "int",
    alternative: "auditSoftwareOnClient_getObjects",
    run: async ({ objects }) => (await objects.count(auditSoftware)) + (await objects.count(auditSoftwareOnClients)),
  },
});
