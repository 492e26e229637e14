import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { splitLines, toText } from "./bytes.ts";
import type { Context } from "./context.ts";
import { IniFile } from "./ini-file.ts";

const section = "runstamps";

const stampFile = (context: Context) =>
  join(toText(context.constants.get("AppDataDir") ?? ""), ".opsi.org", "userLoginScripts.ini");

const stampOf = (context: Context) =>
  context.product ? `${context.product.version}-${context.product.packageVersion}` : "";

function readIni(path: string): IniFile {
  try {
    return new IniFile(splitLines(readFileSync(path, "latin1")));
  } catch {
    return new IniFile([]); // the first script of this user
  }
}

/** The version that `saveVersionToProfile` stored for this product; empty if none (functions §1). */
export function readVersionFromProfile(context: Context): string {
  if (!context.product) return "";
  return readIni(stampFile(context)).value(section, context.product.id) ?? "";
}

export function saveVersionToProfile(context: Context): void {
  if (!context.product) return;
  const path = stampFile(context);
  const ini = readIni(path);
  ini.set(section, `${context.product.id}=${stampOf(context)}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${ini.lines.join("\n")}\n`, "latin1");
}

/** True when the stored version is the present one; the present one is stored in any case (functions §8). */
export function wasExecutedBefore(context: Context): boolean {
  if (!context.product) return false;
  const before = readVersionFromProfile(context) === stampOf(context);
  saveVersionToProfile(context);
  return before;
}
