import { parseArgs } from "node:util";
import { backendNamed, backendNames, siteFiles } from "./backends.ts";
import { CaseDatabase } from "./case-database.ts";
import { startCorpusServer } from "./corpus-server.ts";

/** `npm run corpus:server -- --root DIR --port N [--backend NAME]`: a fresh server for a player of the recordings. */
const { values } = parseArgs({
  options: { root: { type: "string" }, port: { type: "string" }, backend: { type: "string", default: "sqlite" } },
});
if (values.root === undefined || values.port === undefined || !backendNames.includes(values.backend)) {
  console.error(`usage: npm run corpus:server -- --root DIR --port N [--backend ${backendNames.join("|")}]`);
  process.exit(2);
}
const backend = backendNamed(values.backend);
const databases = (await backend.database?.start()) ?? null;
const database =
  backend.database && databases ? new CaseDatabase(backend.database, databases.newDatabase().address, "corpus") : null;
const server = await startCorpusServer(values.root, Number(values.port), undefined, siteFiles(backend, database));
console.error(server.url);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await server[Symbol.asyncDispose]();
    await databases?.[Symbol.asyncDispose]();
    process.exit(0);
  });
}
