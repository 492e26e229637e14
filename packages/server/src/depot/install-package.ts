import { constants, existsSync } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { forceList, fromHash, OpsiError, type OpsiObject, ProductOnDepot, rule } from "@opsi-ts/model";
import {
  findControl,
  inWorker,
  type PackageControl,
  runPackageScript,
  type ScriptSituation,
  writeControl,
} from "@opsi-ts/opsi-package";
import type { Depot } from "./depot.ts";
import { depotRights, setRights } from "./file-rights.ts";
import { checkPackageDependencies } from "./package-dependencies.ts";
import { adjustClientStates, type PropertyDefaults, removeUnusedProducts, writeProductData } from "./product-data.ts";
import { removeFolder, replaceFolder, unpackFolder } from "./product-folder.ts";
import { installServerData } from "./server-data.ts";

/** Parameters of `depot_installPackage` as they come from callers (packages 3.1). */
export interface InstallOptions {
  /** Install although the product is locked. Texts such as `"False"` are understood. */
  readonly force?: unknown;
  readonly propertyDefaultValues?: Readonly<Record<string, unknown>> | null | undefined;
  readonly tempDir?: string | null | undefined;
  readonly forceProductId?: string | null | undefined;
  readonly suppressPackageContentFileGeneration?: unknown;
  readonly onProgress?: ((progress: object) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Installs a package on this depot (packages 3.3).
 *
 * A failure from the check of dependencies on leaves the product locked in its new version, as the original does;
 * `force` overcomes the lock. The data of a version are written in one transaction, and the product's folder is replaced
 * at once, so a crash leaves the old or the new of each, and a lock.
 *
 * @throws BackendError that names the package, the depot and the cause
 */
export async function installPackage(depot: Depot, path: string, options: InstallOptions = {}): Promise<void> {
  const { log } = depot;
  if ((await depot.data.read("host", { id: depot.id })).length === 0) {
    throw new OpsiError("RuntimeError", "Not a depotserver");
  }
  try {
    const folder = unpackFolder(options.tempDir || depot.folders.temporary);
    try {
      await install(await prepare(depot, path, options, folder));
    } finally {
      await removeFolder(folder);
    }
    log.info({ package: path, depot: depot.id }, "package installed");
  } catch (error) {
    log.error(
      { package: path, depot: depot.id, error: error instanceof Error ? error.stack : error },
      "installation failed",
    );
    const cause = error instanceof Error ? error.message : String(error);
    throw new OpsiError("BackendError", `Failed to install package '${path}' on depot '${depot.id}': ${cause}`, {
      cause: error,
    });
  }
}

interface Installation {
  readonly depot: Depot;
  readonly options: InstallOptions;
  readonly control: PackageControl;
  readonly productId: string;
  readonly propertyDefaults: PropertyDefaults;
  /** Where the package was unpacked to. */
  readonly folder: string;
  /** Sums of the files of `CLIENT_DATA` as they were unpacked. */
  readonly hashes: string;
}

/** Checks the arguments and unpacks the package (steps 1 and 2). */
async function prepare(depot: Depot, path: string, options: InstallOptions, folder: string): Promise<Installation> {
  const forcedId = options.forceProductId ? rule.productId.coerce(options.forceProductId) : null;
  const given = Object.entries(options.propertyDefaultValues ?? {});
  const propertyDefaults = new Map(given.map(([id, values]) => [id, values === null ? [] : forceList(values)]));
  await checkReadable(path);
  await mkdir(dirname(folder), { recursive: true });
  const { signal, onProgress } = options;
  const extracted = await inWorker("extractWithHashes", [path, folder, {}], { signal, onProgress });
  let { control } = extracted;
  if (forcedId !== null) {
    control = withProductId(control, forcedId);
    await writeControl(await findControl(folder), control);
  }
  return {
    depot,
    options,
    control,
    productId: String(control.product["id"]),
    propertyDefaults,
    folder,
    hashes: extracted.hashes,
  };
}

async function checkReadable(path: string): Promise<void> {
  if (!existsSync(path)) {
    throw new OpsiError("BackendIOError", `Package file '${path}' does not exist or can not be accessed.`);
  }
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw new OpsiError("BackendIOError", `Read access denied for package file '${path}'`, { cause });
  });
}

function withProductId(control: PackageControl, productId: string): PackageControl {
  return {
    ...control,
    product: { ...control.product, id: productId },
    productProperties: control.productProperties.map((property) => ({ ...property, productId })),
    productDependencies: control.productDependencies.map((dependency) => ({ ...dependency, productId })),
  };
}

async function install(installation: Installation): Promise<void> {
  const { depot, options, control, productId, propertyDefaults, folder } = installation;
  const { data, folders, log } = depot;
  const opsi = join(folder, "OPSI");
  const [before] = await data.read("productOnDepot", { depotId: depot.id, productId });
  const situation = scriptSituation(installation, before);
  const runScript = (name: string) =>
    runPackageScript(join(opsi, name), situation, {
      signal: options.signal,
      onLine: (line) => log.info({ script: name, product: productId }, line),
    });

  await data.create("product", [control.product]);
  const onDepot = await lock(installation);
  await checkPackageDependencies(data, depot.id, control.packageDependencies);
  await runScript("preinst");
  const clientData = join(folder, "CLIENT_DATA");
  await replaceFolder(folders.depot, productId, existsSync(clientData) ? clientData : null);
  const skipped = await installServerData(join(folder, "SERVER_DATA"), folders);
  if (skipped.length > 0) log.warning({ product: productId, files: skipped }, "files of SERVER_DATA were left out");
  await data.transaction((each) => writeProductData(each, depot.id, control, propertyDefaults));
  await runScript("postinst");
  const productFolder = join(folders.depot, productId);
  await writeContentFile(installation, productFolder);
  await setRights(productFolder, depotRights, depot.owner);
  await data.update("productOnDepot", [{ ...onDepot, locked: false }]);
  const clientIds = await data.clientsOf(depot.id);
  await data.transaction(async (each) => {
    await removeUnusedProducts(each, productId);
    await adjustClientStates(each, clientIds, productId, control.productProperties);
  });
}

/** Two installations at once do not both get the lock. (step 5) */
async function lock({ depot, options, control, productId }: Installation): Promise<OpsiObject> {
  const { type, productVersion, packageVersion } = control.product;
  const onDepot = fromHash(ProductOnDepot, {
    ...{ productId, productType: type, productVersion, packageVersion, depotId: depot.id, locked: true },
  });
  const isForced = rule.bool.coerce(options.force ?? false);
  await depot.data.transaction(async (data) => {
    const [existing] = await data.read("productOnDepot", { depotId: depot.id, productId });
    if (existing?.["locked"] && !isForced) {
      throw new OpsiError(
        "BackendTemporaryError",
        `Product '${productId}' currently locked on depot '${depot.id}', use argument 'force' to ignore`,
      );
    }
    await data.create("productOnDepot", [onDepot]);
  });
  return onDepot;
}

/** Clients that cache products rely on it; netboot products are not cached. (step 15) */
async function writeContentFile(installation: Installation, folder: string): Promise<void> {
  const { depot, options, control, productId, hashes } = installation;
  if (control.product.type === "NetbootProduct") return;
  if (rule.bool.coerce(options.suppressPackageContentFileGeneration ?? false)) return;
  const brokenLinks = await inWorker("writeContentFile", [folder, productId, hashes], { signal: options.signal });
  for (const link of brokenLinks) depot.log.warning({ product: productId, link }, "link leads nowhere");
}

function scriptSituation({ depot, control, productId }: Installation, before: OpsiObject | undefined): ScriptSituation {
  const { product } = control;
  return {
    productId,
    productType: product.type,
    productVersion: String(product["productVersion"]),
    packageVersion: String(product["packageVersion"]),
    clientDataDir: join(depot.folders.depot, productId),
    depotId: depot.id,
    serverVersion: depot.serverVersion,
    bootDir: depot.folders.boot,
    oldProductVersion: String(before?.["productVersion"] ?? ""),
    oldPackageVersion: String(before?.["packageVersion"] ?? ""),
  };
}
