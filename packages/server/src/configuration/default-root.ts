import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where a site is when nobody says it: from the sources a trial in the working folder, installed that of the machine. */
export const defaultRoot = (): string => (isCheckout() ? "./opsi-data" : "/");

/** Sources lie in a workspace of that name. */
function isCheckout(): boolean {
  const file = join(import.meta.dirname, "../../../../package.json");
  return (
    existsSync(file) &&
    readFileSync(file, "utf8").includes('"workspaces"') &&
    !import.meta.dirname.includes("node_modules")
  );
}
