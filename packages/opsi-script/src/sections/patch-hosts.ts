import { existsSync } from "node:fs";
import { HostsFile } from "../files/hosts-file.ts";
import { Cursor, stops } from "../language/lexer.ts";
import type { SourceLine } from "../language/source.ts";
import { level } from "../log/log.ts";
import { toText, trim } from "../text/bytes.ts";
import { commandLines, readFileName, type SectionCall, type SectionHandler } from "./section.ts";
import { readTextFile, writeTextFile } from "./text-file.ts";

/** Changes of the hosts file (sections §4). */
export const patchHosts: SectionHandler = {
  run: (call) => {
    const { context } = call;
    const given = readFileName(call).file;
    const file = given === "" ? context.platform.folders.hostsFile : given;
    if (given === "" && !existsSync(toText(file))) {
      context.log.write(level.warning, `${file} does not exist`);
      return [];
    }
    const { lines, path } = readTextFile(context, file, "system");
    const hosts = new HostsFile(lines);
    for (const line of commandLines(call)) {
      if (line.text.trimStart().startsWith("#")) continue;
      if (!patch(call, hosts, line)) break;
    }
    writeTextFile(context, path, hosts.lines, "system");
    return [];
  },
};

/** False when the script is to end. */
function patch(call: SectionCall, hosts: HostsFile, line: SourceLine): boolean {
  const cursor = new Cursor(line.text);
  const command = cursor.word(stops.hosts);
  const ident = cursor.word(stops.hosts);
  const isComment = command.toLowerCase() === "setcomment";
  const value = isComment ? trim(cursor.rest.replace(/^#/, "")) : cursor.word(stops.hosts);
  const known = (done: boolean) => {
    if (!done) call.context.error(`${command}: ${ident} not found`);
  };
  switch (command.toLowerCase()) {
    case "setaddr":
      hosts.setAddress(ident, value);
      return true;
    case "setname":
      hosts.setName(ident, value);
      return true;
    case "setalias":
      known(hosts.setAlias(ident, value));
      return true;
    case "delalias":
      known(hosts.deleteAlias(ident, value));
      return true;
    case "delhost":
      hosts.deleteHost(ident);
      return true;
    case "setcomment":
      known(hosts.setComment(ident, value));
      return true;
    default:
      return call.syntaxError(`Unknown command: ${command}`, line);
  }
}
