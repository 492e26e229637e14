import { actionRequests } from "../action-request/plan-requests.ts";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";
import { matcher, nameList } from "../selection/name-list.ts";
import { readForClients } from "../selection/read-for-clients.ts";

interface ProductOnClient extends Record<string, unknown> {
  readonly clientId: string;
  readonly productId: string;
  readonly installationStatus: string | null;
  readonly actionRequest: string | null;
  readonly actionResult: string | null;
  readonly productVersion: string | null;
  readonly packageVersion: string | null;
}

export default command({
  name: "product status",
  doc: "Show what is installed on clients, what is requested, and what came of it.",
  details: "Products that are not installed and for which nothing is requested are left out.",
  examples: [
    "opsi product status --clients pc1.example.org",
    "opsi product status --groups floor2 --products 'office-*'",
    "opsi product status --clients all --failed --output csv",
    "opsi product status --clients all --requested --sort-by productId",
  ],
  options: {
    ...clientSelection,
    products: { flags: "--products <ids>", doc: "product ids, with * as wildcard", parse: nameList, fallback: ["*"] },
    failed: { flags: "--failed", doc: "only where the last action failed" },
    requested: { flags: "--requested", doc: "only where something is requested" },
  },
  async run(context, { products, failed, requested, ...selection }) {
    const clients = await selectClients(context, selection);
    const fits = matcher(products);
    const filter = {
      ...(failed ? { actionResult: "failed" } : {}),
      ...(requested ? { actionRequest: actionRequests.filter((request) => request !== "none") } : {}),
    };
    const found = await readForClients(context, clients, { label: "Reading states", atOnce: 500 }, (clientId) =>
      context.call<ProductOnClient[]>("productOnClient_getObjects", [[], { ...filter, clientId }]),
    );
    const list = found
      .filter((entry) => fits(entry.productId) && tellsSomething(entry))
      .map((entry) => ({ ...entry, version: versionOf(entry) }))
      .sort((a, b) => (`${a.clientId} ${a.productId}` < `${b.clientId} ${b.productId}` ? -1 : 1));
    return rows(list, ["clientId", "productId", "installationStatus", "version", "actionRequest", "actionResult"]);
  },
});

const tellsSomething = ({ actionRequest, actionResult, installationStatus }: ProductOnClient) =>
  (actionRequest ?? "none") !== "none" ||
  actionResult === "failed" ||
  (installationStatus ?? "not_installed") !== "not_installed";

const versionOf = ({ productVersion, packageVersion }: ProductOnClient) =>
  productVersion === null || packageVersion === null ? null : `${productVersion}-${packageVersion}`;
