import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { allCommands } from "../all-commands.ts";
import { withReference } from "./manual.ts";

/** Brings the generated part of docs/cli.md up to date: node packages/cli/src/reference/write-reference.ts */
const file = fileURLToPath(new URL("../../../../docs/cli.md", import.meta.url));
writeFileSync(file, withReference(readFileSync(file, "utf8"), await allCommands()));
