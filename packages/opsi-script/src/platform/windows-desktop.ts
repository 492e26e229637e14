import type { Desktop } from "./desktop.ts";
import { type Handle, wide, windowsFunction } from "./windows-library.ts";

const findWindow = windowsFunction<(kind: null, title: Buffer) => Handle>(
  "user32",
  "intptr_t FindWindowW(void *kind, void *title)",
);
const sendMessage = windowsFunction<
  (
    window: Handle,
    message: number,
    first: number,
    second: Buffer,
    flags: number,
    milliseconds: number,
    result: null,
  ) => number
>(
  "user32",
  "intptr_t SendMessageTimeoutW(intptr_t window, uint32 message, uintptr_t first, void *second, uint32 flags, uint32 milliseconds, void *result)",
);

const everybody = 0xffff;
const settingChange = 0x1a;
const notTheHung = 2;

export const windowsDesktop: Desktop = {
  hasWindow: (title) => findWindow(null, wide(title)) !== 0,
  tellEnvironmentChanged: () => {
    sendMessage(everybody, settingChange, 0, wide("Environment"), notTheHung, 5000, null);
  },
};
