import { linux } from "./linux.ts";
import { macos } from "./macos.ts";
import type { Platform } from "./platform.ts";
import { windows } from "./windows.ts";

export function currentPlatform(): Platform {
  if (process.platform === "win32") return windows;
  return process.platform === "darwin" ? macos : linux;
}
