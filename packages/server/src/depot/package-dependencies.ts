import { OpsiError, pythonRepr } from "@opsi-ts/model";
import { type PackageDependency, versionFulfills } from "@opsi-ts/opsi-package";
import type { DataAccess } from "./depot-data.ts";

/**
 * `[Package] depends`: what has to be on the depot already (packages 3.3 step 6).
 *
 * @throws BackendUnaccomplishableError for the first that is not there or has another version
 */
export async function checkPackageDependencies(
  data: DataAccess,
  depotId: string,
  dependencies: readonly PackageDependency[],
): Promise<void> {
  for (const dependency of dependencies) {
    const found = await data.read("productOnDepot", { depotId, productId: dependency.package });
    // Names in a control file are not checked, and filters know wildcards
    const installed = found.find(({ productId }) => productId === dependency.package);
    if (!installed) {
      throw new OpsiError("BackendUnaccomplishableError", `Dependent package '${dependency.package}' not installed`);
    }
    if (!dependency.version) continue;
    const available = `${String(installed["productVersion"])}-${String(installed["packageVersion"])}`;
    if (versionFulfills(available, dependency.condition ?? "", dependency.version)) continue;
    throw new OpsiError(
      "BackendUnaccomplishableError",
      `Unfulfilled package dependency ${describe(dependency)} (available version: ${available})`,
    );
  }
}

/** In the words that administrators know from the original. */
function describe({ package: name, version, condition }: PackageDependency): string {
  return `PackageDependency(package=${pythonRepr(name)}, version=${pythonRepr(version)}, condition=${pythonRepr(condition)})`;
}
