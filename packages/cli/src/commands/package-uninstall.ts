import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { openDepot } from "../depot/open-depot.ts";
import { removeVersions } from "../depot/upload-package.ts";
import { selectDepots } from "../selection/clients.ts";
import { matcher, nameList } from "../selection/name-list.ts";

interface ProductOnDepot {
  readonly productId: string;
  readonly depotId: string;
}

export default command({
  name: "package uninstall",
  doc: "Uninstall products from depots and delete their packages.",
  details:
    "Clients keep what they have installed. More than one product is uninstalled only after a question or --yes.",
  examples: ["opsi package uninstall firefox", "opsi package uninstall 'test-*' --depots all --dry-run"],
  options: {
    depots: {
      flags: "--depots <ids>",
      doc: "depots, * as wildcard, or all; default: the config server",
      parse: nameList,
    },
    force: { flags: "-f, --force", doc: "even if the product is locked or clients have it installed" },
    keepFiles: { flags: "-k, --keep-files", doc: "keep the product's folder on the depot" },
  },
  arguments: { ids: { flags: "<ids...>", doc: "product ids, * is a wildcard" } },
  async run(context, { ids, depots: depotIds, force, keepFiles }) {
    const depots = await selectDepots(context, depotIds);
    const installed = await context.call<ProductOnDepot[]>("productOnDepot_getObjects", [
      [],
      { depotId: depots.map(({ id }) => id) },
    ]);
    const missing = ids.find((id) => !installed.some(({ productId }) => matcher([id])(productId)));
    if (missing !== undefined) {
      const where = depots.map(({ id }) => id).join(", ");
      throw new OpsiError("BackendMissingDataError", `'${missing}' is not installed on ${where}`);
    }
    const doomed = installed.filter(({ productId }) => matcher(ids)(productId));
    const many = doomed.length > 1 && !context.dryRun;
    const names = [...new Set(doomed.map(({ productId }) => productId))].join(", ");
    if (many && !(await context.confirm(`Uninstall ${names} (${doomed.length} in all)?`))) return undefined;
    const done: Record<string, unknown>[] = [];
    for (const depot of depots) {
      for (const { productId } of doomed.filter(({ depotId }) => depotId === depot.id)) {
        if (!context.mayChange(`uninstall ${productId} from ${depot.id}`)) continue;
        const service = await openDepot(context, depot);
        using progress = context.progress(`Uninstalling ${productId} from ${depot.id}`, { total: null });
        // The other way round a refused uninstallation would leave the depot without its package.
        await service.call("depot_uninstallPackage", [productId, force, !keepFiles], { signal: context.signal });
        await removeVersions(service, productId, context.signal);
        progress.finish();
        done.push({ depotId: depot.id, productId, uninstalled: true });
      }
    }
    return context.dryRun ? undefined : rows(done, ["depotId", "productId", "uninstalled"]);
  },
});
