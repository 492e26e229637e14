import { ConfigState, forceList, fromHash, rule } from "@opsi-ts/model";
import { type Method, parameters } from "./declare.ts";
import { configStates } from "./families.ts";

/** Events of the client agent, and whether they are on for a client at a slow line. */
const events: readonly [event: string, active: boolean][] = [
  ["event_gui_startup", false],
  ["event_gui_startup{user_logged_in}", false],
  ["event_net_connection", true],
  ["event_timer", true],
];

/** (methods 12.4) */
export const wanMethods: readonly Method[] = [
  {
    name: "changeWANConfig",
    doc: "Sets for clients whether they work over a slow line.",
    parameters: parameters("boolean clientIds"),
    access: "objects",
    run: async ({ objects }, boolean, clientIds) => {
      const wan = rule.bool.coerce(boolean);
      const states = forceList(clientIds)
        .map(rule.hostId.coerce)
        .flatMap((objectId) =>
          events.map(([event, active]) =>
            fromHash(ConfigState, { configId: `opsiclientd.${event}.active`, objectId, values: [active === wan] }),
          ),
        );
      if (states.length > 0) await objects.write(configStates, states, "insert", "createObjects");
      return null;
    },
  },
];
