import { checkScript } from "../check/check-script.ts";
import { readSource } from "../check/read-source.ts";
import type { Source } from "../language/source.ts";
import { level } from "../log/log.ts";
import { foldersOf } from "../statements/includes.ts";
import { toBytes } from "../text/bytes.ts";
import type { Interpreter } from "./interpreter.ts";

/**
 * Test-syntax mode (interpreter §6): every line of every branch is understood, nothing is executed. What the checker
 * calls an error is a syntax error here.
 */
export function checkSyntax(interpreter: Interpreter, source: Source): void {
  const { log, settings, state } = interpreter;
  const { libraries, isWindows } = foldersOf(interpreter);
  const options = { read: readSource, libraries, isWindows, everyBranch: true };
  const { diagnostics, files } = checkScript(settings.scriptFile, source, options);
  for (const path of files.keys()) log.write(level.info, `${path} checked`);
  for (const { severity, message, file, line, text } of diagnostics) {
    if (severity !== "error") continue;
    interpreter.syntaxError(
      toBytes(message),
      { text: toBytes(text), file: toBytes(file), line, library: false },
      false,
    );
    state.fatal = true;
    state.progress = "testsyntax";
  }
}
