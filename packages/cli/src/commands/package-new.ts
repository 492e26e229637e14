import { userInfo } from "node:os";
import { basename, join } from "node:path";
import { rule } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { newTree, writeTree } from "../source-tree/new-tree.ts";

export default command({
  name: "package new",
  doc: "Write the source tree of a new package.",
  details: "The tree can be made and installed at once; its scripts say what belongs where.",
  examples: [
    "opsi package new ./acme-editor",
    "opsi package new ./acme-editor --product-name 'Acme Editor' --product-version 7.1 --maintainer 'Jo Doe <jo@example.org>'",
  ],
  options: {
    id: { flags: "--id <id>", doc: "product id; default: the folder's name", parse: rule.productId.coerce },
    type: { flags: "--type <type>", doc: "kind of product", choices: ["localboot", "netboot"], fallback: "localboot" },
    productName: { flags: "--product-name <text>", doc: "what people call it; default: the id" },
    description: { flags: "--description <text>", doc: "what it is", fallback: "" },
    productVersion: {
      flags: "--product-version <version>",
      doc: "version of the software",
      fallback: "1.0",
      parse: rule.productVersion.coerce,
    },
    packageVersion: {
      flags: "--package-version <version>",
      doc: "version of the package",
      fallback: "1",
      parse: rule.packageVersion.coerce,
    },
    maintainer: { flags: "--maintainer <name and mail>", doc: "for the changelog; default: you" },
  },
  arguments: { folder: { flags: "<folder>", doc: "new folder", complete: "folder" } },
  async run(context, { folder: typed, id: givenId, productName, maintainer, ...options }) {
    const folder = context.path(typed);
    const id = givenId ?? rule.productId.coerce(basename(folder));
    const files = newTree({
      ...options,
      id,
      name: productName ?? id,
      maintainer: maintainer ?? `${userInfo().username} <${userInfo().username}@localhost>`,
      date: new Date(),
    });
    if (!context.mayChange(`write ${Object.keys(files).join(", ")} in ${folder}`)) return undefined;
    await writeTree(folder, files);
    context.say(`Next: opsi package make ${typed}`);
    return rows(
      Object.keys(files).map((file) => ({ file: join(typed, file) })),
      ["file"],
    );
  },
});
