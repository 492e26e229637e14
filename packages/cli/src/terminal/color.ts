import type { Context } from "../context.ts";

/** Whether the answer may have colors: it goes to a terminal, and nobody has said no. */
export function wantsColor({ globals, surroundings }: Pick<Context, "globals" | "surroundings">): boolean {
  const { stdout, environment } = surroundings;
  const toFile = globals.outputFile !== undefined && globals.outputFile !== "-";
  return stdout.isTTY === true && !toFile && globals.color && (environment["NO_COLOR"] ?? "") === "";
}
