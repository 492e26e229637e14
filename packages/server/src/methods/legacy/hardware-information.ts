import { forceList, OpsiError, type OpsiObject, pythonRepr, rule } from "@opsi-ts/model";
import type { Call, Method } from "../declare.ts";
import { protectedHardware } from "../hardware.ts";
import { legacyMethods } from "./legacy-methods.ts";

/* The hardware inventory as programs of the time before objects see it. (methods 16.4) */

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** When nothing was found yet. */
const neverScanned = "2000-01-01 00:00:00";

async function information(call: Call, givenHostId: unknown): Promise<Record<string, unknown[]>> {
  const filter = { hostId: rule.hostId.coerce(givenHostId), state: 1 };
  const found = await protectedHardware(call).read("AuditHardwareOnHost", filter);
  let scantime = neverScanned;
  const byClass = new Map<string, unknown[]>();
  for (const {
    hardwareClass,
    hostId: _,
    firstseen: _first,
    state: _state,
    lastseen,
    ident: _ident,
    ...rest
  } of found) {
    const name = String(hardwareClass);
    byClass.set(name, [...(byClass.get(name) ?? []), rest]);
    if (String(lastseen) > scantime) scantime = String(lastseen);
  }
  return { ...Object.fromEntries(byClass), SCANPROPERTIES: [{ scantime }] };
}

async function setInformation(call: Call, givenHostId: unknown, info: unknown): Promise<null> {
  const hostId = rule.hostId.coerce(givenHostId);
  if (!isRecord(info)) throw new OpsiError("ValueError", `Not a dict '${pythonRepr(info)}'`, { field: "info" });
  const { types } = call.site.hardware;
  const objects = Object.entries(info).flatMap(([hardwareClass, devices]): OpsiObject[] => {
    if (hardwareClass === "SCANPROPERTIES") return [];
    const known = forceList(devices).filter(isRecord);
    return known.map((device) => types.fromHash("AuditHardwareOnHost", { ...device, hostId, hardwareClass }));
  });
  await protectedHardware(call).replaceOfHost(hostId, objects);
  return null;
}

export const hardwareInformationMethods: readonly Method[] = legacyMethods({
  getHardwareInformation_hash: {
    signature: "hostId",
    doc: "The hardware of a host by class.",
    alternative: "auditHardwareOnHost_getObjects",
    run: information,
  },
  setHardwareInformation: {
    signature: "hostId info",
    doc: "Replaces the hardware of a host.",
    alternative: "auditHardwareOnHost_updateObjects",
    run: setInformation,
  },
  deleteHardwareInformation: {
    signature: "hostId",
    doc: "Deletes the hardware of a host.",
    alternative: "auditHardwareOnHost_delete",
    run: async (call, hostId) => {
      await protectedHardware(call).removeOfHosts([rule.hostId.coerce(hostId)]);
      return null;
    },
  },
  getHardwareAuditDataCount: {
    signature: "",
    doc: "Number of objects of the hardware inventory.",
    alternative: "auditHardwareOnHost_getObjects",
    run: async (call) => {
      const hardware = protectedHardware(call);
      return (await hardware.count("AuditHardware")) + (await hardware.count("AuditHardwareOnHost"));
    },
  },
});
