#!/usr/bin/env node
import { runOpsi } from "./run-opsi.ts";
import { processSurroundings } from "./surroundings.ts";

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who asks a second time does not want to wait for a tidy end.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort(new Error("interrupted"));
  });
}
// The reader went away (`opsi client list | head`): nothing is left to be done.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await runOpsi(process.argv.slice(2), processSurroundings(interruption.signal));
process.stdin.unref?.();
