import { type Check, limited, ok, warning } from "./check.ts";

export const failedLogins: Check = {
  id: "failed_logins",
  name: "Failed logins",
  description: "Addresses that are blocked just now, because they failed to log in too often.",
  documentation:
    "Somebody tries passwords, or a client has a wrong host key: 'opsi client list --attributes id,ipAddress'.",
  async run({ site }) {
    const blocked = site.service.blockedAddresses();
    if (blocked.length === 0) return { addresses: ok("No address is blocked.") };
    return limited(blocked.map((address) => [address, warning(`${address} is blocked after failed logins.`)]));
  },
};
