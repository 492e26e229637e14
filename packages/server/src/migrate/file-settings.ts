import { existsSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../configuration/is-record.ts";
import { readPythonFile } from "../configuration/read-python-file.ts";

/** Where the original has the files of the File backend, relative to its root. */
export interface FileSettings {
  readonly baseDir: string;
  readonly hostKeyFile: string;
}

/** What file.conf says; the defaults are those of the original's code. (storage 3.2) */
export function fileSettings(backends: string): FileSettings {
  const path = join(backends, "file.conf");
  const config = existsSync(path) ? readPythonFile(path).get("config") : {};
  const text = (key: string, initial: string) => {
    const value = isRecord(config) ? config[key] : undefined;
    const named = typeof value === "string" && value !== "" ? value : initial;
    return join("/", named).replace(/^\/+|\/+$/g, ""); // nothing leads out of the root
  };
  return { baseDir: text("baseDir", "var/lib/opsi/config"), hostKeyFile: text("hostKeyFile", "etc/opsi/pckeys") };
}
