import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { compareVersions } from "@opsi-ts/opsi-package";
import { setWhereInstalled } from "../action-request/set-where-installed.ts";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import type { Context } from "../context.ts";
import { fetchPackage, shownAddress } from "../depot/fetch-package.ts";
import { openDepot, repositoryFolder } from "../depot/open-depot.ts";
import { orderPackages, unmetDependencies } from "../depot/order-packages.ts";
import { type PackageToInstall, readPackageToInstall } from "../depot/package-to-install.ts";
import { type PropertySource, type PropertyState, propertySources, propertyValues } from "../depot/property-values.ts";
import { uploadPackage } from "../depot/upload-package.ts";
import { type Depot, selectDepots } from "../selection/clients.ts";
import { nameList } from "../selection/name-list.ts";
import { formatBytes } from "../terminal/progress.ts";
import { UsageError } from "../usage-error.ts";

interface ProductOnDepot {
  readonly productId: string;
  readonly productVersion: string;
  readonly packageVersion: string;
  readonly locked: boolean | null;
}

/** One package on one depot. */
interface Step {
  readonly depot: Depot;
  readonly one: PackageToInstall;
  readonly values: Readonly<Record<string, readonly unknown[]>>;
}

interface Request {
  readonly force: boolean;
  readonly properties: PropertySource;
  readonly setAction: "setup" | "update" | undefined;
  readonly withDependencies: boolean;
  readonly updateOnly: boolean;
}

export default command({
  name: "package install",
  doc: "Upload packages to depots and install them there.",
  details:
    "Several packages are installed in the order of their dependencies. A package that the repository has already is " +
    "not sent again; other versions of the product are removed from the repository.",
  examples: [
    "opsi package install firefox_128.0-1.opsi",
    "opsi package install *.opsi --depots all --set-action setup",
    "opsi package install editor_7.1-2.opsi --property-default ask",
    "opsi package install https://packages.example.org/firefox_128.0-1.opsi",
  ],
  options: {
    depots: {
      flags: "--depots <ids>",
      doc: "depots, * as wildcard, or all; default: the config server",
      parse: nameList,
    },
    force: { flags: "-f, --force", doc: "even if the product is locked" },
    properties: {
      flags: "--property-default <source>",
      doc: "values of the depot's properties: those it has, those of the package, or ask",
      choices: propertySources,
      fallback: "keep",
    },
    updateProperties: { flags: "--update-properties", doc: "same as --property-default ask" },
    updateOnly: { flags: "--update-only", doc: "only on depots that have an older version" },
    setAction: {
      flags: "--set-action <request>",
      doc: "request for the clients that have the product installed",
      choices: ["setup", "update"],
    },
    withDependencies: { flags: "--with-dependencies", doc: "with --set-action: also for what the product depends on" },
  },
  arguments: { files: { flags: "<files...>", doc: "packages, or http(s) addresses of some", complete: "file" } },
  async run(context, { files, depots: depotIds, updateProperties, ...options }) {
    const request: Request = { ...options, properties: updateProperties ? "ask" : options.properties };
    if (request.properties === "ask" && !context.interactive) throw new UsageError("Nobody can be asked here");
    const packages: (PackageToInstall & { dependencies: PackageToInstall["control"]["packageDependencies"] })[] = [];
    await using downloads = await openDownloads();
    for (const typed of files) {
      const isAddress = /^https?:\/\//.test(typed);
      const file = isAddress ? await download(context, typed, downloads.folder) : context.path(typed);
      const one = await readPackageToInstall(file, context.signal);
      packages.push({ ...one, dependencies: one.control.packageDependencies });
    }
    const ordered = orderPackages(packages);
    const depots = await selectDepots(context, depotIds);
    const plan: [depot: Depot, packages: PackageToInstall[]][] = [];
    const problems: string[] = [];
    for (const depot of depots) {
      const installed = await context.call<ProductOnDepot[]>("productOnDepot_getObjects", [[], { depotId: depot.id }]);
      const versions = new Map(installed.map((entry) => [entry.productId, versionOf(entry)]));
      const wanted = ordered.filter(({ productId, version }) => {
        const old = versions.get(productId);
        return !request.updateOnly || (old !== undefined && compareVersions(version, old) > 0);
      });
      const locked = installed.filter(
        ({ productId, locked }) => locked && wanted.some((one) => one.productId === productId),
      );
      if (!request.force) {
        problems.push(...locked.map(({ productId }) => `'${productId}' is locked on ${depot.id}, see --force`));
      }
      problems.push(...unmetDependencies(wanted, versions).map((problem) => `${problem} on ${depot.id}`));
      plan.push([depot, wanted]);
    }
    if (problems.length > 0) throw new OpsiError("BackendUnaccomplishableError", problems.join("; "));
    const steps: (Step & { what: string })[] = [];
    for (const [depot, wanted] of plan) {
      for (const one of wanted) {
        const what = `install ${one.productId} ${one.version} on ${depot.id}`;
        // All questions first: nobody wants to wait for uploads to answer the next one.
        steps.push({ depot, one, what, values: await valuesFor(context, depot, one, request.properties) });
      }
    }
    const done: Record<string, unknown>[] = [];
    for (const step of steps) {
      if (!context.mayChange(step.what)) continue;
      const requested = await install(context, step, request);
      const { depot, one } = step;
      done.push({ depotId: depot.id, productId: one.productId, version: one.version, requested });
    }
    if (context.dryRun) return undefined;
    if (done.length === 0) context.say("Nothing to do: no depot has an older version.");
    const columns = ["depotId", "productId", "version"];
    return rows(done, request.setAction === undefined ? columns : [...columns, "requested"]);
  },
});

async function openDownloads(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "opsi-download-"));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function download(context: Context, address: string, folder: string): Promise<string> {
  using progress = context.progress(`Downloading ${shownAddress(address)}`, { total: null, format: formatBytes });
  return fetchPackage(address, folder, { onProgress: progress.update, signal: context.signal });
}

async function valuesFor(context: Context, depot: Depot, one: PackageToInstall, source: PropertySource) {
  const states = await context.call<PropertyState[]>("productPropertyState_getObjects", [
    [],
    { productId: one.productId, objectId: depot.id },
  ]);
  if (source === "ask") context.say(`Properties of ${one.productId} on ${depot.id}, Enter keeps the value:`);
  return propertyValues(context, source, one.control.productProperties, states);
}

/** @returns number of clients that got a request */
async function install(context: Context, { depot, one, values }: Step, request: Request): Promise<number> {
  const { signal } = context;
  const service = await openDepot(context, depot);
  const folder = repositoryFolder(depot);
  {
    using progress = context.progress(`${one.name} -> ${depot.id}`, { total: one.size, format: formatBytes });
    const { uploaded } = await uploadPackage(service, folder, one, { onProgress: progress.update, signal });
    progress.finish(uploaded ? `Uploaded ${one.name} to ${depot.id}` : `${depot.id} has ${one.name} already`);
  }
  {
    using progress = context.progress(`Installing ${one.productId} ${one.version} on ${depot.id}`, { total: null });
    await service.call("depot_installPackage", [`${folder}/${one.name}`, request.force, values], { signal });
    progress.finish(`Installed ${one.productId} ${one.version} on ${depot.id}`);
  }
  if (request.setAction === undefined) return 0;
  const script = one.control.product[`${request.setAction}Script`];
  if (script === null || script === undefined || script === "") {
    context.warn(`${one.productId} has no ${request.setAction} script, no request was set`);
    return 0;
  }
  const dependencies = request.withDependencies;
  return setWhereInstalled(context, depot.id, one.productId, request.setAction, { dependencies });
}

function versionOf({ productVersion, packageVersion }: ProductOnDepot): string {
  return `${productVersion}-${packageVersion}`;
}
