import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { textMateGrammar } from "./text-mate.ts";

export const grammarFile = join(import.meta.dirname, "../../../../editors/vscode/syntaxes/opsiscript.tmLanguage.json");

// `npx biome check --write editors` breaks its lines as those of all others
if (import.meta.main) writeFileSync(grammarFile, `${JSON.stringify(textMateGrammar(), null, 2)}\n`);
