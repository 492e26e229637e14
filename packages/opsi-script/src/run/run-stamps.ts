import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { IniFile } from "../files/ini-file.ts";
import { reasonOf } from "../language/problems.ts";
import { splitLines, toBytes, toText } from "../text/bytes.ts";
import type { Context } from "./context.ts";

const section = "runstamps";

const stampFile = (context: Context) =>
  join(toText(context.constants.get("AppDataDir") ?? ""), ".opsi.org", "userLoginScripts.ini");

const stampOf = (context: Context) =>
  context.product ? `${context.product.version}-${context.product.packageVersion}` : "";

function readStamps(path: string): IniFile {
  try {
    return new IniFile(splitLines(readFileSync(path, "latin1")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // to write it would lose the others
    return new IniFile([]); // the first script of this user
  }
}

/** A home directory that refuses the file is an error of the script. */
function withStamps<T>(context: Context, failed: T, use: (ini: IniFile, path: string) => T): T {
  const path = stampFile(context);
  try {
    return use(readStamps(path), path);
  } catch (error) {
    context.error(`${toBytes(path)}: ${reasonOf(error)}`);
    return failed;
  }
}

/** The version that `saveVersionToProfile` stored for this product; empty if none (functions §1). */
export function readVersionFromProfile(context: Context): string {
  const { product } = context;
  if (!product) return "";
  return withStamps(context, "", (ini) => ini.value(section, product.id) ?? "");
}

export function saveVersionToProfile(context: Context): void {
  const { product } = context;
  if (!product) return;
  withStamps(context, undefined, (ini, path) => {
    ini.set(section, `${product.id}=${stampOf(context)}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${ini.lines.join("\n")}\n`, "latin1");
  });
}

/** True when the stored version is the present one; the present one is stored in any case (functions §8). */
export function wasExecutedBefore(context: Context): boolean {
  if (!context.product) return false;
  const before = readVersionFromProfile(context) === stampOf(context);
  saveVersionToProfile(context);
  return before;
}
