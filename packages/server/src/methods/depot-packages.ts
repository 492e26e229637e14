import { rule } from "@opsi-ts/model";
import {
  createMd5SumFile,
  createPackageContentFile,
  createZsyncFile,
  diskSpaceFailure,
  diskSpaceUsage,
  md5Failure,
  md5Sum,
} from "../depot/depot-files.ts";
import { installPackage } from "../depot/install-package.ts";
import { missingFile } from "../depot/system-error.ts";
import { uninstallPackage } from "../depot/uninstall-package.ts";
import { buildPackage, installFromWorkbench } from "../depot/workbench.ts";
import { type Method, parameters } from "./declare.ts";
import { maySee, sitePath, withSitePaths } from "./site-path.ts";

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
      const options = {
        force,
        propertyDefaultValues: rule.dict.coerce(propertyDefaultValues),
        tempDir: text(tempDir),
        forceProductId: text(forceProductId),
        suppressPackageContentFileGeneration,
      };
      const path = sitePath(call, rule.string.coerce(filename));
      await withSitePaths(call, () => installPackage(call.site.depot, path, options));
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
    name: "depot_createPackageContentFile",
    doc: "Writes the list of a product's files anew.",
    parameters: parameters("productId"),
    access: "name",
    run: async (call, productId) => {
      await withSitePaths(call, () => createPackageContentFile(call.site.depot, rule.string.coerce(productId)));
      return null;
    },
  },
  {
    name: "depot_getMD5Sum",
    doc: "MD5 sum of a file of this server: the stored one if there is one and the calculation is not forced.",
    parameters: parameters("filename forceCalculation=False"),
    result: "str",
    access: "name",
    run: async (call, filename, force) => {
      const path = sitePath(call, rule.string.coerce(filename));
      if (!(await maySee(call, path))) throw md5Failure(missingFile(), path);
      return withSitePaths(call, () => md5Sum(path, force));
    },
  },
  {
    name: "depot_createMd5SumFile",
    doc: "Writes the MD5 sum of a file into another one.",
    parameters: parameters("filename get_file_md5sumFilename"),
    access: "name",
    run: async (call, filename, target) => {
      const [source, written] = [filename, target].map((path) => sitePath(call, rule.string.coerce(path)));
      await withSitePaths(call, () => createMd5SumFile(call.site.depot, source ?? "", written ?? ""));
      return null;
    },
  },
  {
    name: "depot_createZsyncFile",
    doc: "Writes the zsync file of a file.",
    parameters: parameters("filename zsyncFilename"),
    access: "name",
    run: async (call, filename, target) => {
      const [source, written] = [filename, target].map((path) => sitePath(call, rule.string.coerce(path)));
      await withSitePaths(call, () => createZsyncFile(call.site.depot, source ?? "", written ?? ""));
      return null;
    },
  },
  {
    name: "depot_getDiskSpaceUsage",
    doc: "Space of the file system that a path lies on, in bytes.",
    parameters: parameters("path"),
    result: "dict[str, float]",
    access: "name",
    run: async (call, given) => {
      const path = sitePath(call, rule.string.coerce(given));
      if (!(await maySee(call, path))) throw diskSpaceFailure(missingFile(), path);
      return withSitePaths(call, () => diskSpaceUsage(path));
    },
  },
  {
    name: "workbench_buildPackage",
    doc: "Makes a package of a folder of the workbench; the answer is its path.",
    parameters: parameters("package_dir"),
    result: "str",
    access: "name",
    run: (call, packageDir) => {
      const path = sitePath(call, rule.string.coerce(packageDir));
      return withSitePaths(call, () => buildPackage(call.site.depot, call.site.folders.workbench, path));
    },
  },
  {
    name: "workbench_installPackage",
    doc: "Installs a package of the workbench, or one made of a folder there.",
    parameters: parameters("package_file_or_dir"),
    access: "name",
    run: async (call, packagePath) => {
      const path = sitePath(call, rule.string.coerce(packagePath));
      await withSitePaths(call, () => installFromWorkbench(call.site.depot, call.site.folders.workbench, path));
      return null;
    },
  },
];
