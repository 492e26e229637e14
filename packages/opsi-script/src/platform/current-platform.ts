import { OpsiError } from "@opsi-ts/model";
import { linux } from "./linux.ts";
import type { Platform } from "./platform.ts";

/** Only Windows has the libraries that its platform calls. */
const windows = process.platform === "win32" ? (await import("./windows.ts")).windows : null;

/**
 * The platform of this machine.
 *
 * @throws OpsiError for systems on which the interpreter does not run yet
 */
export function currentPlatform(): Platform {
  if (process.platform === "linux") return linux;
  if (windows !== null) return windows;
  throw new OpsiError("OSError", `opsi-script does not run on ${process.platform} yet`);
}
