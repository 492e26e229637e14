import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Stripping types and compiling three hundred files is half of a start. The cache lies beside the code and not in
// /tmp, where others could plant theirs; where it cannot be written, the start is slower and nothing else.
enableCompileCache(join(import.meta.dirname, "../../../node_modules/.cache/opsi-compile"));
const { runCommand } = await import("./run-server.ts");
await runCommand(process.argv.slice(2));
