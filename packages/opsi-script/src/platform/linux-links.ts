import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { toBytes, toText, trim } from "../text/bytes.ts";
import type { Link, LinkFolder, LinkFolderName, LinkReport, Links } from "./links.ts";
import { outputOf } from "./program-output.ts";

const desktopFolder = () => outputOf("xdg-user-dir", "DESKTOP") || join(homedir(), "Desktop");
const menuFolder = "/usr/share/applications";

/** The folders that there are; the others are known and refused (sections §7). */
const folders: Partial<Record<LinkFolderName, () => string>> = {
  common_programs: () => menuFolder,
  common_startup: () => "/etc/xdg/autostart",
  desktop: desktopFolder,
  desktopdirectory: desktopFolder,
  startup: () => join(homedir(), ".config/autostart"),
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

const emptyLink: Link = {
  name: "",
  target: "",
  parameters: "",
  workingFolder: "",
  iconFile: "",
  iconIndex: 0,
  shortcut: "",
  windowState: "",
  categories: "",
};

/** `.desktop` files. */
export const linuxLinks: Links = {
  open: (base, subfolder, _profile, report) => {
    if (subfolder !== "") report.error("Subfolders are not supported on Linux");
    const folder = folders[base];
    if (folder) return new DesktopFiles(folder(), report);
    report.error(`Base folder ${base} is not supported on Linux`);
    return null;
  },
};

class DesktopFiles implements LinkFolder {
  readonly #folder: string;
  readonly #report: LinkReport;

  constructor(folder: string, report: LinkReport) {
    this.#folder = folder;
    this.#report = report;
  }

  create(link: Link): void {
    this.#install(link, false);
  }

  /** The entry is hidden, not removed. */
  delete(name: string): void {
    this.#install({ ...emptyLink, name }, true);
  }

  /** Written to a temporary file, checked, and put at its place by the tools of the desktop. */
  #install(link: Link, hidden: boolean): void {
    const file = `${toText(link.name).toLowerCase().replace(/[\s/]/g, "")}.desktop`;
    const isMenu = this.#folder === menuFolder;
    const work = mkdtempSync(join(tmpdir(), "opsi-link-"));
    try {
      if (!isMenu) mkdirSync(this.#folder, { recursive: true });
      const path = join(isMenu ? work : this.#folder, file);
      const lines = this.#entry(link, hidden).map((line) => `${line}\n`);
      writeFileSync(path, lines.join(""), "latin1");
      const check = spawnSync("desktop-file-validate", [path], { encoding: "utf8" });
      if (check.status !== 0) {
        rmSync(path, { force: true });
        this.#report.error(toBytes(`${file}: ${check.error?.message ?? check.stdout.trim()}`));
        return;
      }
      if (isMenu) {
        const install = spawnSync("desktop-file-install", [path], { encoding: "utf8" });
        if (install.status !== 0) {
          this.#report.error(toBytes(`${file}: ${install.error?.message ?? install.stderr.trim()}`));
          return;
        }
      }
      this.#report.tell(toBytes(`${file} ${hidden ? "hidden" : "installed"}`));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }

  #entry(link: Link, hidden: boolean): string[] {
    const { name, target, parameters, workingFolder } = link;
    return [
      "[Desktop Entry]",
      `Name=${name}`,
      ...(target === "" ? [] : [`Exec=${trim(`${target} ${parameters}`)}`]),
      `Icon=${icon(link.iconFile)}`,
      ...(workingFolder === "" ? [] : [`Path=${workingFolder}`]),
      "Type=Application",
      `Categories=${this.#categories(link.categories)}`,
      `Hidden=${hidden}`,
    ];
  }

  #categories(given: string): string {
    const wanted = given.split(";").map((one) => one.trim());
    const known = wanted.filter((one) => categories.has(one));
    for (const one of wanted) {
      if (one !== "" && !categories.has(one)) this.#report.warn(`Category ${one} is not allowed`);
    }
    return known.length === 0 ? "Utility;" : known.map((one) => `${one};`).join("");
  }
}

/** An existing file is registered, and its base name is used from then on. */
function icon(file: string): string {
  const path = toText(file);
  if (path === "" || !existsSync(path)) return file;
  const name = basename(path, extname(path));
  const registered = spawnSync("xdg-icon-resource", ["install", "--novendor", "--size", "48", path, name]);
  return registered.status === 0 ? toBytes(name) : file;
}
