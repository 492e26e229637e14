/** Where links are put: in the menu, on the desktop, at the start of a session (sections §7). */
export const linkFolders = [
  "desktop",
  "sendto",
  "startmenu",
  "startup",
  "programs",
  "desktopdirectory",
  "common_startmenu",
  "common_programs",
  "common_startup",
  "common_desktopdirectory",
] as const;
export type LinkFolderName = (typeof linkFolders)[number];

/** What starts a program or opens a file. Byte strings; empty where the script says nothing. */
export interface Link {
  readonly name: string;
  readonly target: string;
  readonly parameters: string;
  readonly workingFolder: string;
  readonly iconFile: string;
  readonly iconIndex: number;
  /** Keys that start it, in the notation of the script. */
  readonly shortcut: string;
  readonly windowState: string;
  readonly categories: string;
}

/** What is told to whoever reads the log. An error counts, the others do not. */
export interface LinkReport {
  error(text: string): void;
  warn(text: string): void;
  tell(text: string): void;
}

/** An open folder of links. What the system refuses is told as an error, the script goes on. */
export interface LinkFolder {
  create(link: Link): void;
  delete(name: string): void;
}

export interface Links {
  /** Makes the folder where it is missing; `null` when the system has no such folder, which is told. */
  open(base: LinkFolderName, subfolder: string, profile: string, report: LinkReport): LinkFolder | null;
  /** Only where menus are folders of files. */
  readonly deleteSubfolder?: (base: LinkFolderName, subfolder: string, profile: string, report: LinkReport) => void;
}
