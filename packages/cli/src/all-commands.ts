import type { AnyCommand } from "./command.ts";
import { commandIndex } from "./command-index.ts";

/** Loads every command, in the order of the index: for completion, the reference and tests. */
export async function allCommands(): Promise<AnyCommand[]> {
  return (await Promise.all(commandIndex.map((entry) => entry.load()))).map((module) => module.default);
}
