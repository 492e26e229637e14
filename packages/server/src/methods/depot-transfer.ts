import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { OpsiError, rule } from "@opsi-ts/model";
import { patchFile, signature, writeDelta } from "../depot/librsync.ts";
import { systemErrorText } from "../depot/system-error.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { sitePath, withSitePaths } from "./site-path.ts";

const text = rule.string.coerce;
const publicKey = "/etc/ssh/ssh_host_rsa_key.pub";

async function hostPublicKey({ site }: Call): Promise<string> {
  try {
    return await readFile(join(site.folders.root, publicKey), "utf8");
  } catch (error) {
    throw new OpsiError("FileNotFoundError", systemErrorText(error, publicKey), { cause: error });
  }
}

/** Differences of files with librsync, and the key of the machine. (methods 9) */
export const depotTransferMethods: readonly Method[] = [
  {
    name: "depot_librsyncSignature",
    doc: "Signature of a file: with it others make a delta of a new version.",
    parameters: parameters("filename"),
    result: "str",
    access: "name",
    run: (call, filename) => withSitePaths(call, () => signature(sitePath(call, text(filename)))),
  },
  {
    name: "depot_librsyncDeltaFile",
    doc: "Writes what is to be changed at the file with the signature to get this file.",
    parameters: parameters("filename signature deltafile"),
    access: "name",
    run: async (call, filename, given, deltafile) => {
      const [path, target] = [sitePath(call, text(filename)), sitePath(call, text(deltafile))];
      await withSitePaths(call, () => writeDelta(path, text(given), target));
      return null;
    },
  },
  {
    name: "depot_librsyncPatchFile",
    doc: "Makes a new file of an old one and a delta.",
    parameters: parameters("oldfile deltafile newfile"),
    access: "name",
    run: async (call, ...files) => {
      const [old = "", delta = "", target = ""] = files.map((path) => sitePath(call, text(path)));
      await withSitePaths(call, () => patchFile(old, delta, target));
      return null;
    },
  },
  {
    name: "depot_getHostRSAPublicKey",
    doc: "The RSA key by which SSH clients know this machine.",
    parameters: [],
    result: "str",
    access: "name",
    run: hostPublicKey,
  },
];
