import { resolve } from "node:path";
import { toBytes, toText, trim } from "../text/bytes.ts";

/**
 * A path argument of a function: quotes around it removed, delimiters native, absolute (functions, introduction). Both
 * byte strings. A delimiter at the end stays.
 */
export function expandPath(given: string): string {
  let path = trim(given);
  const quoted = /^(["'])(.*)\1$/.exec(path);
  if (quoted) path = quoted[2] ?? "";
  if (path === "") return "";
  if (process.platform !== "win32") path = path.replaceAll("\\", "/");
  const absolute = toBytes(resolve(toText(path)));
  return path.endsWith("/") && absolute !== "/" ? `${absolute}/` : absolute;
}

/** Delimiters of both kinds become the system's. */
export const nativeDelimiters = (path: string): string =>
  process.platform === "win32" ? path.replaceAll("/", "\\") : path.replaceAll("\\", "/");
