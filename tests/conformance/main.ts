import { parseArgs } from "node:util";
import type { Play } from "./tally.ts";

/** `npm run corpus -- KIND DIR`: plays all cases below a folder and closes with `N passed, N failed`. */
const players: Record<string, () => Promise<{ play: Play }>> = {
  rpc: () => import("./rpc/play.ts"),
  http: () => import("./http/play.ts"),
  packages: () => import("./packages/play.ts"),
  "opsi-script": () => import("./opsi-script/play.ts"),
  storage: () => import("./storage/play.ts"),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { backend: { type: "string", default: "sqlite" }, quiet: { type: "boolean", default: false } },
});
const [kind = "", directory] = positionals;
const load = players[kind];
if (!load || directory === undefined) {
  console.error(`usage: npm run corpus -- ${Object.keys(players).join("|")} DIR [--backend NAME] [--quiet]`);
  process.exit(2);
}

const { play } = await load();
const tally = await play(directory, { backend: values.backend });
if (!values.quiet) for (const { place, detail } of tally.failures) console.log(`${place}: ${detail}`);
if (tally.defects > 0) {
  console.log(`${tally.defects} steps differ from what the original does by mistake (counted apart)`);
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
