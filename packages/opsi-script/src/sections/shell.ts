import { FatalProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import { plainParameters } from "./command-line.ts";
import { parseProgramOptions, splitModifiers } from "./program-options.ts";
import { outputLines, runProgram, withScriptFile } from "./program-run.ts";
import type { SectionHandler } from "./section.ts";

/** ShellScript and its aliases: the lines are a script of the system's shell (sections §10). */
export const shell: SectionHandler = {
  run: (call) => {
    const { context } = call;
    const { before, modifiers } = splitModifiers(call.substitute(call.parameters));
    const options = parseProgramOptions(modifiers, call.evaluate);
    const lines = call.lines.map((line) => line.text).filter((line) => !line.startsWith(";"));
    const words = plainParameters(context.platform.processes, before);
    const keep = context.log.level >= level.secret || options.letThemGo;
    return withScriptFile(lines, ".cmd", options.encoding, keep, (file) => {
      const [program, parameters] = context.platform.processes.shellScript(file, words, options.is32Bit);
      const result = runProgram(context, program, parameters, options);
      if (!result.started) throw new FatalProblem(`Cannot start ${program}: ${result.output}`);
      // empty lines of a shell section's output get lost in the original
      return outputLines(result.output).filter((line) => line !== "");
    });
  },
};
