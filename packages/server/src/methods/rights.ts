import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { OpsiError, rule } from "@opsi-ts/model";
import { depotRights, repositoryRights, setRights } from "../depot/file-rights.ts";
import type { Call, Method } from "./declare.ts";
import { parameters } from "./declare.ts";
import { isBelow, sitePath, withSitePaths } from "./site-path.ts";

async function setFileRights(call: Call, given: unknown): Promise<string> {
  const { depot, workbench, repository } = call.site.folders;
  const path = given ? sitePath(call, rule.string.coerce(given)) : depot;
  if (!existsSync(path)) throw new OpsiError("OSError", `The path '${path}' does not exist`, { field: "path" });
  const real = await realpath(path);
  const kinds = [
    [depot, depotRights],
    [workbench, depotRights],
    [repository, repositoryRights],
  ] as const;
  for (const [folder, rights] of kinds) {
    const base = await realpath(folder);
    if (!isBelow(real, base)) continue;
    await setRights(real, rights, call.site.depot.owner);
    return `Changing rights at '${given || "/var/lib/opsi/depot"}' successful.`;
  }
  const text = "Rights are only set below the folders of depot, repository and workbench";
  throw new OpsiError("ValueError", text, { field: "path" });
}

export const rightsMethods: readonly Method[] = [
  {
    name: "setRights",
    doc: "Sets owner and mode of files in depot, repository or workbench.",
    parameters: parameters("path=None"),
    result: "str",
    // The original asks for no right at all.
    access: "name",
    deprecated: true,
    run: (call, path) => withSitePaths(call, () => setFileRights(call, path)),
  },
];
