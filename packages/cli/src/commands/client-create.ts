import { OpsiError, rule } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { clientAttributes, givenAttributes } from "../client/client-attributes.ts";
import { command } from "../command.ts";
import { existingGroup, membership } from "../group/group-type.ts";
import { selectDepots } from "../selection/clients.ts";
import { UsageError } from "../usage-error.ts";

interface Client extends Record<string, unknown> {
  readonly id: string;
  readonly opsiHostKey: string;
}

export default command({
  name: "client create",
  doc: "Create clients; the service makes their host keys.",
  details: "A client that exists already is left alone and counts as a failure.",
  examples: [
    "opsi client create pc1.example.org --description 'Reception' --mac 00:11:22:33:44:55",
    "opsi client create pc2.example.org --depot depot1.example.org --group floor2 --show-key",
  ],
  options: {
    ...clientAttributes,
    depot: { flags: "--depot <id>", doc: "depot that serves it, if not the site's default" },
    group: { flags: "--group <name>", doc: "host group to put it into; it must exist" },
    showKey: { flags: "--show-key", doc: "show the host key, with which the client logs in" },
  },
  arguments: { ids: { flags: "<ids...>", doc: "fully qualified names, e.g. pc1.example.org" } },
  async run(context, { ids, depot, group, showKey, ...attributes }) {
    const wanted = ids.map((id) => rule.hostId.coerce(id));
    const given = givenAttributes(attributes, wanted.length);
    const existing = await context.call<{ id: string }[]>("host_getObjects", [["id"], { id: wanted }]);
    if (existing.length > 0) {
      const names = existing.map(({ id }) => `'${id}'`).join(", ");
      throw new OpsiError("BackendBadValueError", `Exists already: ${names}`);
    }
    // Before anything is created: a client must not be left behind half configured.
    const depots = depot === undefined ? [] : await selectDepots(context, [depot]);
    if (depots.length > 1) throw new UsageError(`'${depot}' are several depots: a client has one`);
    const groupId = group === undefined ? null : await existingGroup(context, "HostGroup", group);
    const objects = wanted.map((id) => ({ type: "OpsiClient", id, ...given }));
    if (!context.mayChange(`create ${wanted.join(", ")}`)) return undefined;
    await context.call("host_createObjects", [objects]);
    if (depots.length > 0) {
      const states = wanted.map((objectId) => ({
        type: "ConfigState",
        configId: "clientconfig.depot.id",
        objectId,
        values: depots.map(({ id }) => id),
      }));
      await context.call("configState_createObjects", [states]);
    }
    if (groupId !== null) {
      await context.call("objectToGroup_createObjects", [wanted.map(membership("HostGroup", groupId))]);
    }
    const clients = await context.call<Client[]>("host_getObjects", [[], { id: wanted }]);
    const shown = clients.map(({ opsiHostKey, oneTimePassword: _, ...rest }) =>
      showKey ? { ...rest, opsiHostKey } : rest,
    );
    return rows(shown, ["id", "description", ...(showKey ? ["opsiHostKey"] : [])]);
  },
});
