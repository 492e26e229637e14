import { rule } from "@opsi-ts/model";
import { UsageError } from "../usage-error.ts";

/** What can be said of a client when it is created, and changed later. */
export const clientAttributes = {
  description: { flags: "--description <text>", doc: "what people call it" },
  notes: { flags: "--notes <text>", doc: "more about it" },
  hardwareAddress: {
    flags: "--mac <address>",
    doc: "MAC address, for Wake on LAN and netboot",
    parse: rule.hardwareAddress.coerce,
  },
  ipAddress: { flags: "--ip <address>", doc: "IP address", parse: rule.ipAddress.coerce },
  inventoryNumber: { flags: "--inventory-number <text>", doc: "as on its label" },
} as const;

/** @throws UsageError where several clients would get the same address */
export function givenAttributes(
  attributes: Readonly<Record<keyof typeof clientAttributes, string | undefined>>,
  clients: number,
): Record<string, string> {
  const { hardwareAddress, ipAddress } = attributes;
  if (clients > 1 && (hardwareAddress !== undefined || ipAddress !== undefined)) {
    throw new UsageError("An address belongs to one client only");
  }
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
