import { OpsiError } from "@opsi-ts/model";
import { linux } from "./linux.ts";
import type { Platform } from "./platform.ts";

/**
 * The platform of this machine.
 *
 * @throws OpsiError for systems on which the interpreter does not run yet
 */
export function currentPlatform(): Platform {
  if (process.platform === "linux") return linux;
  throw new OpsiError("OSError", `opsi-script does not run on ${process.platform} yet`);
}
