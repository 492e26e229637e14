import { hosts } from "../methods/families.ts";
import { type Check, error, limited, ok } from "./check.ts";

export const uniqueHardwareAddresses: Check = {
  id: "unique_hardware_addresses",
  name: "Unique hardware addresses",
  description: "No two hosts have the same hardware address; network boot would take one for the other.",
  documentation: "Correct the address of the host that has a wrong one, or delete the host that is gone.",
  async run({ storage }) {
    const found = await storage.read(hosts, { attributes: ["hardwareAddress"] });
    const real = found.filter(
      ({ hardwareAddress }) => hardwareAddress && !String(hardwareAddress).startsWith("00:00:00"),
    );
    const shared = [...Map.groupBy(real, ({ hardwareAddress }) => String(hardwareAddress))].filter(
      ([, owners]) => owners.length > 1,
    );
    if (shared.length === 0) return { addresses: ok("All hardware addresses are unique.") };
    return limited(
      shared.map(([address, owners]) => [
        address,
        error(`${address} belongs to ${owners.map(({ id }) => id).join(", ")}.`),
      ]),
    );
  },
};
