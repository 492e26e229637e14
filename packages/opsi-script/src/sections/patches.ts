import { IniFile } from "../files/ini-file.ts";
import { Cursor, stops } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import { trim, trimEnd } from "../text/bytes.ts";
import { runCommands, type SectionHandler } from "./section.ts";
import { readNamedFile, writeTextFile } from "./text-file.ts";

/** Changes of an ini file (sections §2). */
export const patches: SectionHandler = {
  perProfile: true,
  run: (call) => {
    const { context } = call;
    const { file, lines, path, encoding } = readNamedFile(call, "system");
    const ini = new IniFile(lines);
    runCommands(call, (text) => patch(ini, text, (warning) => context.warning(warning)));
    writeTextFile(context, path, ini.lines, encoding);
    context.log.write(level.info, `${file} patched`);
    return [];
  },
};

function patch(ini: IniFile, text: string, warn: (text: string) => void): void {
  const cursor = new Cursor(text);
  const command = cursor.word(stops.sectionWord);
  if (command.toLowerCase() === "replace") {
    const [old = "", replacement = ""] = trim(cursor.rest).split(/[ \t]+/);
    if (ini.replaceLines(old, replacement) === 0) warn(`replace: ${old} not found`);
    return;
  }
  const { section, entry } = readEntry(cursor);
  switch (command.toLowerCase()) {
    case "add":
      if (!ini.add(section, entry)) warn(`add: ${entry}: the key has another value`);
      return;
    case "set":
      ini.set(section, entry);
      return;
    case "addnew":
      ini.addNew(section, entry);
      return;
    case "change":
      if (!ini.change(section, entry)) warn(`change: ${entry}: no such key`);
      return;
    case "del":
      if (!ini.delete(section, entry) && !entry.includes("=")) warn(`del: ${entry} not found`);
      return;
    case "delsec":
      if (!ini.deleteSection(section)) warn(`delsec: [${section}] not found`);
      return;
    default:
      throw new SyntaxProblem(`Unknown command: ${command}`);
  }
}

/** `[section] entry`; without brackets everything is the entry, in the section without a name. */
function readEntry(cursor: Cursor): { section: string; entry: string } {
  if (!cursor.skip("[")) return { section: "", entry: trimEnd(cursor.rest) };
  const end = cursor.rest.indexOf("]");
  if (end < 0) throw new SyntaxProblem('"]" expected');
  const section = trim(cursor.rest.slice(0, end));
  return { section, entry: trimEnd(new Cursor(cursor.rest, end + 1).rest) };
}
