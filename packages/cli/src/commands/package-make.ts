import { stat } from "node:fs/promises";
import { isOpsiError, OpsiError, rule } from "@opsi-ts/model";
import {
  findControl,
  type MadePackage,
  type MakeOptions,
  makePackage,
  versionOf,
  writeCompanionFiles,
} from "@opsi-ts/opsi-package";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import type { Context } from "../context.ts";
import { editControl } from "../source-tree/edit-control.ts";
import { treeSize } from "../source-tree/tree-size.ts";
import { formatBytes } from "../terminal/progress.ts";
import { UsageError } from "../usage-error.ts";

export default command({
  name: "package make",
  doc: "Make an .opsi package from its source tree.",
  details:
    "Writes the package with its .md5 and .zsync into the destination. If it exists already you are asked whether to " +
    "overwrite it or to make a new version; without a terminal say --overwrite.",
  examples: [
    "opsi package make ./acme-editor",
    "opsi package make ./acme-editor /srv/packages --overwrite",
    "opsi package make . --package-version 4 --custom-name branch2 --compression gz",
  ],
  options: {
    overwrite: { flags: "-o, --overwrite", doc: "replace an existing package of the same version" },
    keepVersions: { flags: "-k, --keep-versions", doc: "same as --overwrite, as in opsi-makepackage" },
    packageVersion: {
      flags: "--package-version <version>",
      doc: "write this version into the control file first",
      parse: rule.packageVersion.coerce,
    },
    productVersion: {
      flags: "--product-version <version>",
      doc: "write this version into the control file first",
      parse: rule.productVersion.coerce,
    },
    compression: {
      flags: "--compression <method>",
      doc: "bz2 makes packages that depots cannot update in parts",
      choices: ["zstd", "gz", "gzip", "bz2", "bzip2"],
      fallback: "zstd",
    },
    followSymlinks: { flags: "--follow-symlinks", doc: "pack what links point to instead of the links" },
    customName: { flags: "-i, --custom-name <name>", doc: "add the folders OPSI.<name>, CLIENT_DATA.<name> ..." },
    customOnly: { flags: "-c, --custom-only <name>", doc: "pack only the custom folders" },
    md5: { flags: "--no-md5", doc: "without .md5 file" },
    zsync: { flags: "--no-zsync", doc: "without .zsync file" },
  },
  arguments: {
    source: { flags: "[source]", doc: "source tree", fallback: ".", complete: "folder" },
    destination: { flags: "[destination]", doc: "where the package is written", fallback: ".", complete: "folder" },
  },
  async run(context, options) {
    const { customName, customOnly, md5, zsync } = options;
    if (customName !== undefined && customOnly !== undefined) {
      throw new UsageError("--custom-name and --custom-only exclude each other");
    }
    const source = context.path(options.source);
    const versions = { packageVersion: options.packageVersion, productVersion: options.productVersion };
    if (!context.mayChange(`make a package of ${source} in ${context.path(options.destination)}`)) return undefined;
    if (Object.values(versions).some((version) => version !== undefined)) {
      await editControl((await findControl(source)).directory, versions);
    }
    const made = await makeAsking(context, source, {
      destination: context.path(options.destination),
      compression: compressions[options.compression],
      customName: customName ?? customOnly,
      customOnly: customOnly !== undefined,
      followSymlinks: options.followSymlinks,
      overwrite: options.overwrite || options.keepVersions,
      signal: context.signal,
    });
    await writeCompanionFiles(made.path, { md5, zsync, signal: context.signal });
    const { size } = await stat(made.path);
    const row = { package: made.path, productId: made.control.product["id"], version: versionOf(made.control), size };
    return rows([row], ["package", "size"]);
  },
});

const compressions = { zstd: "zstd", gz: "gz", gzip: "gz", bz2: "bz2", bzip2: "bz2" } as const;

/** Makes the package; asks what to do about one that exists. (packages §2.3) */
async function makeAsking(context: Context, source: string, options: MakeOptions): Promise<MadePackage> {
  try {
    return await makeWithProgress(context, source, options);
  } catch (error) {
    if (!isOpsiError(error, "FileExistsError")) throw error;
    if (!context.interactive)
      throw new OpsiError("FileExistsError", `${error.message}, say --overwrite`, { cause: error });
    context.say(error.message);
  }
  for (;;) {
    const choice = (await context.ask("[o]verwrite it, make a [n]ew version, or [c]ancel?")).trim().toLowerCase();
    if (choice.startsWith("o")) return makeWithProgress(context, source, { ...options, overwrite: true });
    if (choice.startsWith("c")) throw new UsageError("Canceled, nothing was made");
    if (!choice.startsWith("n")) continue;
    const product = (await context.ask("New product version, Enter keeps it:")).trim();
    const packaged = (await context.ask("New package version, Enter keeps it:")).trim();
    await editControl((await findControl(source)).directory, {
      productVersion: product === "" ? undefined : rule.productVersion.coerce(product),
      packageVersion: packaged === "" ? undefined : rule.packageVersion.coerce(packaged),
    });
    return makeAsking(context, source, options);
  }
}

async function makeWithProgress(context: Context, source: string, options: MakeOptions): Promise<MadePackage> {
  const total = await treeSize(source).catch(() => null);
  using progress = context.progress("Packing", { total, format: formatBytes });
  const made = await makePackage(source, { ...options, onProgress: ({ packed }) => progress.update(packed) });
  progress.finish();
  return made;
}
