import { configs } from "../methods/families.ts";
import { type Check, error, type Finding, ok, warning } from "./check.ts";

const neverEmpty = ["clientconfig.configserver.url", "clientconfig.depot.id"];
const verification = "opsiclientd.global.verify_server_cert";

const isSet = (values: unknown) => Array.isArray(values) && values.some((value) => value !== "" && value !== null);

/** Configs without which clients do not find the service, or any other in its place. */
export const neededConfigs: Check = {
  id: "opsi_config",
  name: "Configuration of clients",
  description: "Configs that clients need to find and to trust the service.",
  documentation: "Set the values with 'opsi config set'. A config that is missing is made at the next start.",
  async run({ storage }) {
    const found = await storage.read(configs, { filter: { id: [...neverEmpty, verification] } });
    const values = new Map(found.map(({ id, defaultValues }) => [String(id), defaultValues]));
    const findings: Record<string, Finding> = {};
    for (const id of neverEmpty) {
      findings[id] = isSet(values.get(id)) ? ok(`'${id}' has a value.`) : error(`'${id}' has no value.`);
    }
    findings[verification] = verifies(values.get(verification));
    return findings;
  },
};

function verifies(values: unknown): Finding {
  if (values === undefined) return error(`The config '${verification}' is missing.`);
  return Array.isArray(values) && values.length === 1 && values[0] === true
    ? ok("Clients check the certificate of the service.")
    : warning(`Clients do not check the certificate of the service: '${verification}' is not true.`);
}
