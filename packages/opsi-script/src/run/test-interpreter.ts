import { ScriptText } from "../language/script-text.ts";
import { parseSource } from "../language/source.ts";
import { ScriptLog } from "../log/log.ts";
import { linux } from "../platform/linux.ts";
import { ServiceConnections } from "../service/service-connections.ts";
import { Constants } from "./constants.ts";
import { Interpreter } from "./interpreter.ts";
import { executeSection } from "./runner.ts";

/** An interpreter without file, log file and service, for tests; `lines` receives what is logged. */
export function testInterpreter(lines: string[] = []): Interpreter {
  const log = new ScriptLog({
    path: null,
    append: false,
    level: 7,
    leastLevel: 0,
    onLine: (_level, text) => lines.push(text),
  });
  return new Interpreter(
    {
      log,
      platform: linux,
      constants: new Constants(),
      settings: {
        scriptFile: "/nowhere/test.opsiscript",
        scriptPath: "/nowhere",
        parameter: "",
        userContext: "",
        loginScript: false,
        testSyntax: false,
      },
      services: new ServiceConnections(null),
      product: null,
      defaultLogLevel: 7,
      debugLibrary: true,
    },
    executeSection,
  );
}

/** Runs the lines as [Actions] and gives the values of comments that begin with an arrow. */
export function runLines(script: string): { values: string[]; interpreter: Interpreter; log: string[] } {
  const log: string[] = [];
  const interpreter = testInterpreter(log);
  const { lines } = parseSource(Buffer.from(script), "test.opsiscript");
  interpreter.script = new ScriptText(lines);
  const actions = interpreter.script.section("actions") ?? lines;
  interpreter.run({ name: "Actions", lines: actions, position: 0, text: null, caller: null });
  const values = log.flatMap((line) => /^comment: => (.*)$/.exec(line)?.[1] ?? []);
  return { values, interpreter, log };
}
