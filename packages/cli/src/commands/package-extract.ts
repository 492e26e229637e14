import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { rule } from "@opsi-ts/model";
import { extractPackage, findControl, versionOf } from "@opsi-ts/opsi-package";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { editControl } from "../source-tree/edit-control.ts";
import { formatBytes } from "../terminal/progress.ts";

export default command({
  name: "package extract",
  doc: "Extract an .opsi package into a source tree.",
  details: "The tree is named after the package. Custom folders stay apart from the base folders.",
  examples: [
    "opsi package extract firefox_128.0-1.opsi",
    "opsi package extract firefox_128.0-1.opsi ./sources --new-product-id firefox-test",
  ],
  options: {
    overwrite: { flags: "-o, --overwrite", doc: "replace a tree that is there already" },
    newProductId: {
      flags: "--new-product-id <id>",
      doc: "write this id into the control file",
      parse: rule.productId.coerce,
    },
  },
  arguments: {
    package: { flags: "<package>", doc: "the .opsi file", complete: "file" },
    destination: { flags: "[destination]", doc: "where the tree is put", fallback: ".", complete: "folder" },
  },
  async run(context, { package: file, destination, overwrite, newProductId }) {
    const source = context.path(file);
    const target = join(context.path(destination), basename(source).replace(/\.opsi$/, ""));
    if (!context.mayChange(`extract ${source} to ${target}`)) return undefined;
    await mkdir(dirname(target), { recursive: true });
    using progress = context.progress("Extracting", { total: null, format: formatBytes });
    const control = await extractPackage(source, target, {
      separated: true,
      overwrite,
      signal: context.signal,
      onProgress: ({ done, total }) => progress.update(done, total),
    });
    progress.finish();
    if (newProductId !== undefined) await editControl((await findControl(target)).directory, { id: newProductId });
    const id = newProductId ?? control.product["id"];
    return rows([{ folder: target, productId: id, version: versionOf(control) }], ["folder", "productId", "version"]);
  },
});
