import { existsSync } from "node:fs";
import { join } from "node:path";
import { OpsiError, type OpsiObject, rule } from "@opsi-ts/model";
import { databaseFolder, updateDriverDatabase } from "../depot/windows/driver-database.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { protectedHardware } from "./hardware.ts";
import { withSitePaths } from "./site-path.ts";

/** Classes of the inventory and the kind of ids that they have. */
const deviceTypes: Readonly<Record<string, string>> = {
  PCI_DEVICE: "PCI",
  USB_DEVICE: "USB",
  HDAUDIO_DEVICE: "HDAUDIO",
};
const architectures = new Set(["x86", "x64", "arm", "arm64"]);

/** Where in the depot the drivers for the devices of a client are. (methods 12.1) */
async function driverSources(call: Call, ...values: unknown[]): Promise<unknown[]> {
  const productId = rule.productId.coerce(values[0]);
  const architecture = rule.stringLower.coerce(values[1]);
  const version = rule.string.coerce(values[2]);
  const hostId = rule.hostId.coerce(values[3]);
  if (!architectures.has(architecture)) {
    throw new OpsiError("ValueError", `Bad architecture: '${architecture}'`, { field: "architecture" });
  }
  if (!/^\d+(\.\d+){0,2}$/.test(version)) {
    throw new OpsiError("ValueError", `Bad version of an operating system: '${version}'`, { field: "osVersion" });
  }
  const hardware = await protectedHardware(call).read("AuditHardwareOnHost", { hostId });
  if (hardware.length === 0) {
    throw new OpsiError("BackendMissingDataError", `No hardware information found for client '${hostId}'`);
  }
  const productFolder = join(call.site.folders.depot, productId);
  const database = await databaseFolder(productFolder, architecture, version);
  if (database === null) return [];
  const devices = hardware.flatMap((device) => source(device, productFolder, database));
  return devices.map(({ path, information }) => ({
    ...{ binary_type: "windows_driver", access_type: "depot", operation_type: "recursive_copy" },
    ...{ url: `${productId}/${path}`, information },
  }));
}

function source(device: OpsiObject, productFolder: string, database: string) {
  const type = deviceTypes[String(device["hardwareClass"])];
  const [vendorId, deviceId] = [device["vendorId"], device["deviceId"]].map((id) => String(id ?? "").toUpperCase());
  if (type === undefined || !/^[0-9A-F]{4}$/.test(vendorId ?? "") || !/^[0-9A-F]{4}$/.test(deviceId ?? "")) return [];
  const path = join(database, type, vendorId ?? "", deviceId ?? "");
  if (!existsSync(join(productFolder, path))) return [];
  const information = {
    ...{ device_type: type, vendor_id: vendorId, device_id: deviceId },
    ...{ vendor_name: device["vendor"] ?? null, device_name: device["name"] ?? null },
  };
  return [{ path, information }];
}

export const driverMethods: readonly Method[] = [
  {
    name: "driver_updateDatabase",
    doc: "Finds out which drivers of a product are for which devices.",
    parameters: parameters("productId"),
    access: "name",
    run: async (call, productId) => {
      const id = rule.productId.coerce(productId);
      await withSitePaths(call, () => updateDriverDatabase(join(call.site.folders.depot, id), id));
      return null;
    },
  },
  {
    name: "driver_getSources",
    doc: "Where in the depot the drivers for the devices of a client are.",
    parameters: parameters("productId architecture osVersion clientId"),
    result: "list[dict]",
    access: "name",
    run: driverSources,
  },
];
