import { forceList, isHash, OpsiError, type OpsiObject, pythonRepr, rule } from "@opsi-ts/model";
import { Turn } from "../../backends/turn.ts";
import type { Call, Method } from "../declare.ts";
import { protectedHardware } from "../hardware.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { latest } from "./legacy-values.ts";

/* The hardware inventory as programs of the time before objects see it. (methods 16.4) */

async function information(call: Call, givenHostId: unknown): Promise<Record<string, unknown[]>> {
  const filter = { hostId: rule.hostId.coerce(givenHostId), state: 1 };
  const found = await protectedHardware(call).read("AuditHardwareOnHost", filter);
  const byClass = Map.groupBy(found, ({ hardwareClass }) => String(hardwareClass));
  const shown = [...byClass].map(([name, devices]): [string, unknown[]] => [name, devices.map(device)]);
  return {
    ...Object.fromEntries(shown),
    SCANPROPERTIES: [{ scantime: latest(found.map(({ lastseen }) => lastseen)) }],
  };
}

function device(found: OpsiObject): Record<string, unknown> {
  const {
    hardwareClass: _,
    hostId: _host,
    firstseen: _first,
    lastseen: _last,
    state: _state,
    ident: _ident,
    ...own
  } = found;
  return own;
}

async function setInformation(call: Call, givenHostId: unknown, info: unknown): Promise<null> {
  const hostId = rule.hostId.coerce(givenHostId);
  if (!isHash(info)) throw new OpsiError("ValueError", `Not a dict '${pythonRepr(info)}'`, { field: "info" });
  const { types } = call.site.hardware;
  const objects: OpsiObject[] = [];
  const turn = new Turn();
  for (const [hardwareClass, devices] of Object.entries(info)) {
    if (hardwareClass === "SCANPROPERTIES") continue;
    for (const given of forceList(devices).filter(isHash)) {
      objects.push(types.fromHash("AuditHardwareOnHost", { ...given, hostId, hardwareClass }));
      if (turn.isOver) await turn.pass();
    }
  }
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
    result: "int",
    alternative: "auditHardwareOnHost_getObjects",
    run: async (call) => {
      const hardware = protectedHardware(call);
      return (await hardware.count("AuditHardware")) + (await hardware.count("AuditHardwareOnHost"));
    },
  },
});
