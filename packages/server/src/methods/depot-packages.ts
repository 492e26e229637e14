import { existsSync } from "node:fs";
import { join } from "node:path";
import { rule } from "@opsi-ts/model";
import { installPackage } from "../depot/install-package.ts";
import { uninstallPackage } from "../depot/uninstall-package.ts";
import { buildPackage, installFromWorkbench } from "../depot/workbench.ts";
import { type Call, type Method, parameters } from "./declare.ts";

/**
 * A path as programs know it, e.g. `/var/lib/opsi/repository/x.opsi` from the depot's `repositoryLocalUrl`, where a site
 * keeps its files: below its root.
 */
export function sitePath({ site }: Call, path: string): string {
  const { root } = site.folders;
  if (root === "/" || path === root || path.startsWith(`${root}/`)) return path;
  const below = join(root, path);
  return existsSync(below) ? below : path;
}

const text = (value: unknown): string | null => (value === null || value === "" ? null : rule.string.coerce(value));

/** Packages on this depot. (methods 9, packages 3) */
export const depotPackageMethods: readonly Method[] = [
  {
    name: "depot_installPackage",
    doc: "Installs a package file of this server on its depot.",
    parameters: parameters(
      "filename force=False propertyDefaultValues=None tempDir=None forceProductId=None suppressPackageContentFileGeneration=False",
    ),
    access: "name",
    run: async (call, ...values) => {
      const [filename, force, propertyDefaultValues, tempDir, forceProductId, suppressPackageContentFileGeneration] =
        values;
      await installPackage(call.site.depot, sitePath(call, rule.string.coerce(filename)), {
        force,
        propertyDefaultValues: rule.dict.coerce(propertyDefaultValues),
        tempDir: text(tempDir),
        forceProductId: text(forceProductId),
        suppressPackageContentFileGeneration,
      });
      return null;
    },
  },
  {
    name: "depot_uninstallPackage",
    doc: "Takes a product off this depot.",
    parameters: parameters("productId force=False deleteFiles=True"),
    access: "name",
    run: async ({ site }, productId, force, deleteFiles) => {
      await uninstallPackage(site.depot, rule.string.coerce(productId), { force, deleteFiles });
      return null;
    },
  },
  {
    name: "workbench_buildPackage",
    doc: "Makes a package of a folder of the workbench; the answer is its path.",
    parameters: parameters("package_dir"),
    access: "name",
    run: (call, packageDir) =>
      buildPackage(call.site.depot, call.site.folders.workbench, sitePath(call, rule.string.coerce(packageDir))),
  },
  {
    name: "workbench_installPackage",
    doc: "Installs a package of the workbench, or one made of a folder there.",
    parameters: parameters("package_file_or_dir"),
    access: "name",
    run: async (call, packagePath) => {
      const path = sitePath(call, rule.string.coerce(packagePath));
      await installFromWorkbench(call.site.depot, call.site.folders.workbench, path);
      return null;
    },
  },
];
