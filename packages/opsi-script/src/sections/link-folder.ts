import { Cursor, stops } from "../language/lexer.ts";
import { reasonOf, SyntaxProblem } from "../language/problems.ts";
import type { SourceLine } from "../language/source.ts";
import { level } from "../log/log.ts";
import { type LinkFolder, type LinkFolderName, type LinkReport, linkFolders } from "../platform/links.ts";
import { trim } from "../text/bytes.ts";
import { parseInteger } from "../text/numbers.ts";
import { commandLines, type SectionCall, type SectionHandler, workOn } from "./section.ts";

/** Keys of a link; those of one meaning have one name. */
const keys: ReadonlyMap<string, string> = new Map([
  ["name", "name"],
  ["target", "target"],
  ["parameters", "parameters"],
  ["working_dir", "workingFolder"],
  ["working_directory", "workingFolder"],
  ["icon_file", "iconFile"],
  ["icon_index", "iconIndex"],
  ["shortcut", "shortcut"],
  ["window_state", "windowState"],
  ["link_categories", "categories"],
]);

/** Entries of menus, desktop and autostart (sections §7); what they are, the platform knows. */
export const linkFolder: SectionHandler = {
  perProfile: true,
  run: (call) => {
    const links = new LinkSection(call);
    const lines = [...commandLines(call)];
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index];
      if (!line) break;
      workOn(call.context, line);
      try {
        index = links.execute(lines, index);
      } catch (problem) {
        if (!(problem instanceof SyntaxProblem)) throw problem;
        if (!call.syntaxError(problem.message, line)) break;
      }
    }
    return [];
  },
};

class LinkSection {
  readonly #call: SectionCall;
  readonly #report: LinkReport;
  #base: LinkFolderName = "common_programs";
  #folder: LinkFolder | null = null;

  constructor(call: SectionCall) {
    this.#call = call;
    const { context } = call;
    this.#report = {
      error: (text) => context.error(text),
      warn: (text) => context.log.write(level.warning, text),
      tell: (text) => context.log.write(level.info, text),
    };
  }

  get #links() {
    return this.#call.context.platform.links;
  }

  #open(base: LinkFolderName, subfolder: string): LinkFolder | null {
    return this.#attempt(() => this.#links.open(base, subfolder, this.#call.profile, this.#report));
  }

  /** What the system refuses is an error of the script, which goes on. */
  #attempt<T>(action: () => T): T | null {
    try {
      return action();
    } catch (problem) {
      if (problem instanceof SyntaxProblem) throw problem;
      this.#report.error(reasonOf(problem));
      return null;
    }
  }

  /** A section that has opened no folder works in the menu of all users. */
  get #current(): LinkFolder | null {
    this.#folder ??= this.#open("common_programs", "");
    return this.#folder;
  }

  /** Index of the last line of the command. */
  execute(lines: readonly SourceLine[], index: number): number {
    const cursor = new Cursor(lines[index]?.text ?? "");
    const command = cursor.word(stops.sectionWord).toLowerCase();
    switch (command) {
      case "set_basefolder":
        this.#base = baseFolder(value(cursor.rest));
        return index;
      case "set_subfolder":
        this.#folder = this.#open(this.#base, value(cursor.rest)) ?? this.#folder;
        return index;
      case "set_link":
        return this.#readLink(lines, index + 1);
      case "delete_element":
        this.#attempt(() => this.#current?.delete(value(cursor.rest)));
        return index;
      case "delete_subfolder": {
        const { deleteSubfolder } = this.#links;
        if (!deleteSubfolder) throw new SyntaxProblem(`Unknown command: ${command}`);
        deleteSubfolder(this.#base, value(cursor.rest), this.#call.profile, this.#report);
        return index;
      }
      default:
        throw new SyntaxProblem(`Unknown command: ${command}`);
    }
  }

  #readLink(lines: readonly SourceLine[], start: number): number {
    const given: Record<string, string> = {};
    for (let index = start; index < lines.length; index++) {
      const text = trim(lines[index]?.text ?? "");
      if (text.toLowerCase() === "end_link") {
        this.#attempt(() => this.#create(given));
        return index;
      }
      const at = text.indexOf(":");
      const key = keys.get(trim(text.slice(0, at)).toLowerCase());
      if (at < 0 || key === undefined) throw new SyntaxProblem(`Unknown key: ${text}`);
      given[key] = value(text.slice(at + 1));
    }
    throw new SyntaxProblem("end_link expected");
  }

  #create(given: Readonly<Record<string, string>>): void {
    this.#current?.create({
      name: given["name"] ?? "",
      target: given["target"] ?? "",
      parameters: given["parameters"] ?? "",
      workingFolder: given["workingFolder"] ?? "",
      iconFile: given["iconFile"] ?? "",
      iconIndex: parseInteger(given["iconIndex"] ?? "") ?? 0,
      shortcut: given["shortcut"] ?? "",
      windowState: given["windowState"] ?? "",
      categories: given["categories"] ?? "",
    });
  }
}

function baseFolder(name: string): LinkFolderName {
  const found = linkFolders.find((known) => known === name.toLowerCase());
  if (found === undefined) throw new SyntaxProblem(`Unknown base folder: ${name}`);
  return found;
}

/** Quoted, or the raw rest of the line. */
function value(text: string): string {
  const cursor = new Cursor(text);
  return cursor.next === '"' || cursor.next === "'" ? cursor.sectionLiteral() : trim(cursor.rest);
}
