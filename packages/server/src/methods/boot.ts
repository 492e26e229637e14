import { existsSync } from "node:fs";
import { join } from "node:path";
import { Host, OpsiError, requireObject, rule } from "@opsi-ts/model";
import { readPythonFile } from "../configuration/read-python-file.ts";
import { type Call, type Method, parameters } from "./declare.ts";

/** Files of dhcpd are not edited by this server: where a site wants that, it hears so. (methods 11.2) */
function checkDhcp({ site }: Call): void {
  const path = join(site.folders.backends, "dhcpd.conf");
  if (!existsSync(path)) return;
  const config = readPythonFile(path).get("config");
  const { enabled = false } = (config ?? {}) as Record<string, unknown>;
  if (enabled !== true) return;
  const text = `This server does not edit the files of dhcpd; set "enabled" to False in ${path}`;
  throw new OpsiError("NotImplementedError", text);
}

/** What a depot does for the boot of its clients. (methods 11) */
export const bootMethods: readonly Method[] = [
  {
    name: "opsipxeconfd_updatePXEBootConfiguration",
    doc: "Has the boot configuration of a client written anew.",
    parameters: parameters("client_id"),
    access: "name",
    run: ({ site }, clientId) => {
      site.pxe.queue("update", rule.hostId.coerce(clientId));
      return null;
    },
  },
  {
    name: "opsipxeconfd_deletePXEBootConfiguration",
    doc: "Has the boot configuration of a client removed.",
    parameters: parameters("client_id"),
    access: "name",
    run: ({ site }, clientId) => {
      site.pxe.queue("remove", rule.hostId.coerce(clientId));
      return null;
    },
  },
  {
    name: "dhcpd_updateHost",
    doc: "Enters a host into the configuration of the DHCP server.",
    parameters: parameters("host"),
    access: "name",
    run: (call, host) => {
      requireObject(host, Host);
      checkDhcp(call);
      return null;
    },
  },
  {
    name: "dhcpd_deleteHost",
    doc: "Takes a host out of the configuration of the DHCP server.",
    parameters: parameters("host_id"),
    access: "name",
    run: (call) => {
      checkDhcp(call);
      return null;
    },
  },
];
