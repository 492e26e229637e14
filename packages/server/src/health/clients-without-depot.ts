import { depotConfigId } from "../depot/depot-data.ts";
import { configStates, hosts } from "../methods/families.ts";
import { type Check, error, limited, ok } from "./check.ts";

/** Ours: the original deletes such assignments at its next start, and the clients silently change the depot. */
export const clientsWithoutDepot: Check = {
  id: "depot_assignments",
  name: "Assignments to depots",
  description: "Clients that are assigned to a depot that does not exist.",
  documentation: "Assign them to another: 'opsi config set clientconfig.depot.id DEPOT --object CLIENT'.",
  async run({ storage }) {
    const servers = await storage.readIdents(hosts, { filter: { type: ["OpsiDepotserver", "OpsiConfigserver"] } });
    const ids = new Set(servers.map(({ id }) => String(id)));
    const states = await storage.read(configStates, { filter: { configId: depotConfigId } });
    const lost = states.filter(({ values }) => {
      const [depotId] = Array.isArray(values) ? values : [];
      return depotId !== undefined && depotId !== "" && !ids.has(String(depotId));
    });
    if (lost.length === 0) return { clients: ok("All clients are assigned to depots that exist.") };
    return limited(
      lost.map(({ objectId, values }) => [
        String(objectId),
        error(`${objectId} is assigned to '${String(values)}', which does not exist.`),
      ]),
    );
  },
};
