#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Stripped and compiled code is kept, which makes `opsi --help` three times as fast. In the user's own folder: what
// lies in /tmp could have been put there by somebody else.
enableCompileCache(join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "opsi-cli"));
const { runOpsi } = await import("./run-opsi.ts");
const { Interruption, processSurroundings } = await import("./surroundings.ts");

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who asks a second time does not want to wait for a tidy end.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort(new Interruption(signal));
  });
}
// The reader went away (`opsi client list | head`): nothing is left to be done.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await runOpsi(process.argv.slice(2), processSurroundings(interruption.signal));
process.stdin.unref?.();
