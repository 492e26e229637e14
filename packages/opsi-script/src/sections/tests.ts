import { statOf } from "../files/file-content.ts";
import { expandPath } from "../files/file-paths.ts";
import { Cursor, stops } from "../language/lexer.ts";
import { level } from "../log/log.ts";
import { trim } from "../text/bytes.ts";
import { commandLines, type SectionHandler } from "./section.ts";

/** Old checks of files (sections §15). An exit needs a comment that says why. */
export const legacyTests: SectionHandler = {
  run: (call) => {
    const { context } = call;
    for (const line of commandLines(call)) {
      const cursor = new Cursor(line.text);
      const command = cursor.word(stops.plain).toLowerCase();
      const known = ["exitonfilenotexist", "exitonfilezero", "warningonfilenotexist", "warningonfilezero"].includes(
        command,
      );
      if (!known) {
        if (!call.syntaxError(`Unknown command: ${command}`, line)) break;
        continue;
      }
      const file = cursor.next === '"' || cursor.next === "'" ? cursor.sectionLiteral() : cursor.word(stops.plain);
      const comment = trim(cursor.rest).replace(/^(["'])(.*)\1$/, "$2");
      const stat = statOf(expandPath(file));
      const hit = command.endsWith("zero") ? stat?.size === 0 : stat === undefined;
      if (!hit) continue;
      if (command.startsWith("warning")) context.warning(`${file}: ${comment}`);
      else if (comment !== "") {
        context.log.write(level.notice, `${file}: ${comment}`);
        call.stop();
        break;
      }
    }
    return [];
  },
};
