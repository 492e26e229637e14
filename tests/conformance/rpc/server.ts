import { parseArgs } from "node:util";
import { startCorpusServer } from "./corpus-server.ts";

/** `npm run corpus:server -- --root DIR --port N [--backend NAME]`: a fresh server for a player of the recordings. */
const { values } = parseArgs({
  options: { root: { type: "string" }, port: { type: "string" }, backend: { type: "string", default: "sqlite" } },
});
if (values.root === undefined || values.port === undefined || values.backend !== "sqlite") {
  console.error("usage: npm run corpus:server -- --root DIR --port N [--backend sqlite]");
  process.exit(2);
}
const server = await startCorpusServer(values.root, Number(values.port));
console.error(server.url);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await server[Symbol.asyncDispose]();
    process.exit(0);
  });
}
