import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { Cursor, stops } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import type { SourceLine } from "../language/source.ts";
import { level } from "../log/log.ts";
import { outputOf } from "../platform/program-output.ts";
import type { Context } from "../run/context.ts";
import { toBytes, toText, trim } from "../text/bytes.ts";
import { commandLines, type SectionCall, type SectionHandler, workOn } from "./section.ts";

const desktopFolder = () => outputOf("xdg-user-dir", "DESKTOP") || join(homedir(), "Desktop");

/** Folders that exist on Linux; the others are known and refused (sections §7). */
const baseFolders: Readonly<Record<string, (() => string) | null>> = {
  common_programs: () => "/usr/share/applications",
  common_startup: () => "/etc/xdg/autostart",
  desktop: desktopFolder,
  desktopdirectory: desktopFolder,
  startup: () => join(homedir(), ".config/autostart"),
  sendto: null,
  startmenu: null,
  programs: null,
  common_startmenu: null,
  common_desktopdirectory: null,
};

const categories: ReadonlySet<string> = new Set([
  "AudioVideo",
  "Audio",
  "Video",
  "Development",
  "Education",
  "Game",
  "Graphics",
  "Network",
  "Office",
  "Settings",
  "System",
  "Utility",
]);

const keys: ReadonlySet<string> = new Set([
  "name",
  "target",
  "parameters",
  "working_dir",
  "working_directory",
  "icon_file",
  "icon_index",
  "shortcut",
  "window_state",
  "link_categories",
]);

/** Entries of menus, desktop and autostart: `.desktop` files on Linux (sections §7). */
export const linkFolder: SectionHandler = {
  run: (call) => {
    const links = new LinkFolder(call);
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

class LinkFolder {
  readonly #context: Context;
  #chosen = "common_programs";
  #folder = "/usr/share/applications";

  constructor({ context }: SectionCall) {
    this.#context = context;
  }

  /** Index of the last line of the command. */
  execute(lines: readonly SourceLine[], index: number): number {
    const cursor = new Cursor(lines[index]?.text ?? "");
    const command = cursor.word(stops.sectionWord).toLowerCase();
    switch (command) {
      case "set_basefolder": {
        const name = value(cursor.rest).toLowerCase();
        if (!Object.hasOwn(baseFolders, name)) throw new SyntaxProblem(`Unknown base folder: ${name}`);
        this.#chosen = name;
        return index;
      }
      case "set_subfolder": {
        if (value(cursor.rest) !== "") this.#context.error("Subfolders are not supported on Linux");
        const folder = baseFolders[this.#chosen];
        if (folder) this.#folder = folder();
        else this.#context.error(`Base folder ${this.#chosen} is not supported on Linux`);
        return index;
      }
      case "set_link":
        return this.#readLink(lines, index + 1);
      case "delete_element":
        this.#install({ name: value(cursor.rest) }, true);
        return index;
      default:
        throw new SyntaxProblem(`Unknown command: ${command}`);
    }
  }

  #readLink(lines: readonly SourceLine[], start: number): number {
    const link: Record<string, string> = {};
    for (let index = start; index < lines.length; index++) {
      const text = trim(lines[index]?.text ?? "");
      if (text.toLowerCase() === "end_link") {
        this.#install(link, false);
        return index;
      }
      const at = text.indexOf(":");
      const key = trim(text.slice(0, at)).toLowerCase();
      if (at < 0 || !keys.has(key)) throw new SyntaxProblem(`Unknown key: ${text}`);
      link[key] = value(text.slice(at + 1));
    }
    throw new SyntaxProblem("end_link expected");
  }

  /** Written to a temporary file, checked, and put at its place by the tools of the desktop. */
  #install(link: Readonly<Record<string, string>>, hidden: boolean): void {
    const name = link["name"] ?? "";
    const file = `${toText(name).toLowerCase().replace(/[\s/]/g, "")}.desktop`;
    const isMenu = this.#folder === "/usr/share/applications";
    const work = mkdtempSync(join(tmpdir(), "opsi-link-"));
    try {
      if (!isMenu) mkdirSync(this.#folder, { recursive: true });
      const path = join(isMenu ? work : this.#folder, file);
      writeFileSync(
        path,
        this.#entry(link, hidden)
          .map((line) => `${line}\n`)
          .join(""),
        "latin1",
      );
      const check = spawnSync("desktop-file-validate", [path], { encoding: "utf8" });
      if (check.status !== 0) {
        rmSync(path, { force: true });
        this.#context.error(toBytes(`${file}: ${check.error?.message ?? check.stdout.trim()}`));
        return;
      }
      if (isMenu) {
        const install = spawnSync("desktop-file-install", [path], { encoding: "utf8" });
        if (install.status !== 0) {
          this.#context.error(toBytes(`${file}: ${install.error?.message ?? install.stderr.trim()}`));
          return;
        }
      }
      this.#context.log.write(level.info, toBytes(`${file} ${hidden ? "hidden" : "installed"}`));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }

  #entry(link: Readonly<Record<string, string>>, hidden: boolean): string[] {
    const target = link["target"] ?? "";
    const folder = link["working_dir"] ?? link["working_directory"] ?? "";
    return [
      "[Desktop Entry]",
      `Name=${link["name"] ?? ""}`,
      ...(target === "" ? [] : [`Exec=${trim(`${target} ${link["parameters"] ?? ""}`)}`]),
      `Icon=${this.#icon(link["icon_file"] ?? "")}`,
      ...(folder === "" ? [] : [`Path=${folder}`]),
      "Type=Application",
      `Categories=${this.#categories(link["link_categories"] ?? "")}`,
      `Hidden=${hidden}`,
    ];
  }

  #categories(given: string): string {
    const wanted = given.split(";").map((one) => one.trim());
    const known = wanted.filter((one) => categories.has(one));
    for (const one of wanted) {
      if (one !== "" && !categories.has(one)) this.#context.log.write(level.warning, `Category ${one} is not allowed`);
    }
    return known.length === 0 ? "Utility;" : known.map((one) => `${one};`).join("");
  }

  /** An existing file is registered, and its base name is used from then on. */
  #icon(file: string): string {
    const path = toText(file);
    if (path === "" || !existsSync(path)) return file;
    const name = basename(path, extname(path));
    const registered = spawnSync("xdg-icon-resource", ["install", "--novendor", "--size", "48", path, name]);
    return registered.status === 0 ? toBytes(name) : file;
  }
}

/** Quoted, or the raw rest of the line. */
function value(text: string): string {
  const cursor = new Cursor(text);
  return cursor.next === '"' || cursor.next === "'" ? cursor.sectionLiteral() : trim(cursor.rest);
}
