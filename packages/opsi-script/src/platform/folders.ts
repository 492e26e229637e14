/** Folders and user directories behind the constants (language §1.6). Byte strings. */
export interface Folders {
  readonly log: string;
  /**
   * Values of the constants by name; a name that is missing stays as text in the script. Dear ones are functions. The
   * user is the one of a login script, empty for ours.
   */
  constants(user: string, scriptPath: string): Readonly<Record<string, string | (() => string)>>;
  /** Home directories of people: `getProfilesDirList`. */
  profiles(): string[];
  /** Home directory of a user given as `[DOMAIN\]NAME`; empty name: of the user we run as. */
  profileOf(user: string): string;
  readonly hostsFile: string;
  /** Where libraries of `importLib` are installed. */
  readonly libraries: readonly string[];
}
