import type { Power } from "./power.ts";
import { numberValue } from "./registry-values.ts";
import { windowsRegistry } from "./windows-registry.ts";

const key = "HKLM\\SOFTWARE\\opsi.org\\winst";

/** The agent acts on these values when the interpreter has ended (interpreter §4); agents of 32 bits see their own half. */
function ask(name: string, wish: bigint): void {
  for (const view of [32, 64] as const) windowsRegistry.write(key, name, numberValue(wish), view);
}

export const windowsPower: Power = {
  requestReboot: () => ask("RebootRequested", 4n),
  requestShutdown: () => ask("ShutdownRequested", 1n),
  requestLogout: () => ask("RebootRequested", 2n),
};
