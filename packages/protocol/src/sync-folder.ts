import { open } from "node:fs/promises";

/** Makes names in a folder durable: renamed, created, removed. Windows can neither do nor needs this. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  await using folder = await open(path, "r");
  await folder.sync();
}
