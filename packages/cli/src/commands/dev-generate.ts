import { OpsiError, rule } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import type { Context } from "../context.ts";
import { GeneratedSite, type ObjectBatch } from "../generated-site/generated-site.ts";

/** Objects in one call: each call is one transaction, and others get their turn between two calls. */
const objectsAtOnce = 5000;

const most = 1_000_000;

/** @throws ValueError */
function count(text: string): number {
  if (/^\d{1,7}$/.test(text) && Number(text) <= most) return Number(text);
  throw new OpsiError("ValueError", `Bad count: '${text}' (0 to ${most})`);
}

async function send(context: Context, { prefix, objects }: ObjectBatch): Promise<void> {
  for (let start = 0; start < objects.length; start += objectsAtOnce) {
    await context.call(`${prefix}_createObjects`, [objects.slice(start, start + objectsAtOnce)]);
  }
}

/** Whether all clients of a block are in their groups, which is the last that is done. */
async function isDone(context: Context, ids: readonly string[]): Promise<boolean> {
  const found = await context.call<unknown[]>("objectToGroup_getIdents", ["str", { objectId: ids }]);
  return found.length === ids.length;
}

async function depotsToUse(context: Context, given: string | undefined): Promise<[string, ...string[]]> {
  const depots = await context.call<{ id: string; type: string }[]>("host_getObjects", [
    ["id", "type"],
    { type: ["OpsiConfigserver", "OpsiDepotserver"] },
  ]);
  const wanted = given?.split(",").map((id) => rule.hostId.coerce(id.trim()));
  const ids = wanted ?? depots.filter(({ type }) => type === "OpsiConfigserver").map(({ id }) => id);
  const missing = ids.find((id) => !depots.some((depot) => depot.id === id));
  if (missing !== undefined) throw new OpsiError("BackendMissingDataError", `There is no depot '${missing}'`);
  const [first, ...others] = ids;
  if (first === undefined) throw new OpsiError("BackendMissingDataError", "The site has no config server");
  return [first, ...others];
}

export default command({
  name: "dev generate",
  doc: "Fill a test site with clients, products and their states.",
  details:
    "The same options and the same seed give the same objects, but for the host keys. What was interrupted goes on " +
    "where it was when it is called again. Products and groups have names that begin with gen-, clients are in a domain " +
    "of their own: `opsi client delete '*.generated.test'` takes them away again.",
  examples: [
    "opsi dev generate --clients 100 --products 50 --yes",
    "opsi dev generate --clients 10000 --products 300 --products-per-client 200 --states-per-client 100 --yes",
  ],
  options: {
    clients: { flags: "--clients <count>", doc: "clients", parse: count, fallback: 100 },
    products: { flags: "--products <count>", doc: "products on every depot", parse: count, fallback: 50 },
    productsPerClient: {
      flags: "--products-per-client <count>",
      doc: "products whose state is known on a client",
      parse: count,
      fallback: 30,
    },
    configs: { flags: "--configs <count>", doc: "configs besides those of the site", parse: count, fallback: 100 },
    statesPerClient: {
      flags: "--states-per-client <count>",
      doc: "configs of which a client has a value of its own",
      parse: count,
      fallback: 10,
    },
    depots: { flags: "--depots <ids>", doc: "depots, with commas between them; default: the config server" },
    domain: { flags: "--domain <name>", doc: "domain of the clients", fallback: "generated.test" },
    seed: { flags: "--seed <number>", doc: "another seed gives other objects", parse: count, fallback: 1 },
  },
  async run(context, { statesPerClient, depots, ...options }) {
    const depotIds = await depotsToUse(context, depots);
    const site = new GeneratedSite({ ...options, configStatesPerClient: statesPerClient, depotIds });
    const what = `create ${options.clients} clients and ${options.products} products on ${depotIds.join(", ")}`;
    if (!context.mayChange(what)) return undefined;
    if (!(await context.confirm(`Really ${what}? This is for test sites.`))) {
      context.say("Nothing was created.");
      return undefined;
    }
    for (const batch of site.foundation()) await send(context, batch);
    using progress = context.progress("clients", { total: options.clients });
    let there = 0;
    let created = 0;
    for (let block = 0; block < site.clientBlocks; block++) {
      const ids = site.clientIds(block);
      if (!(await isDone(context, ids))) {
        for (const batch of site.clients(block)) await send(context, batch);
        created += ids.length;
      }
      there += ids.length;
      progress.update(there);
    }
    progress.finish(`${created} clients created, ${there - created} were there`);
    return rows(
      [{ clients: options.clients, created, products: options.products }],
      ["clients", "created", "products"],
    );
  },
});
