import { readFile } from "node:fs/promises";

/** Names and values of `/etc/os-release`; none on systems without it. */
export async function readOsRelease(): Promise<Readonly<Record<string, string>>> {
  return parseOsRelease(await readFile("/etc/os-release", "utf8").catch(() => ""));
}

export function parseOsRelease(text: string): Readonly<Record<string, string>> {
  const lines = text.matchAll(/^(\w+)=(?:"(.*)"|'(.*)'|(.*))$/gm);
  return Object.fromEntries(
    [...lines].map(([, name = "", double, single, bare = ""]) => [name, double ?? single ?? bare]),
  );
}
