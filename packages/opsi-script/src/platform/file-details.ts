/** What Windows knows of files beyond their content. Byte strings. */
export interface FileDetails {
  /** Version and texts inside a program as key=value (functions §7.3 `getFileInfoMap`); `null` where there are none. */
  informationOf(file: string): string[] | null;
  /** The path in 8.3 form; empty where it has none. */
  shortPathOf(path: string): string;
  /** Whether a drive such as `C:` has a medium that can be read. */
  isDriveReady(drive: string): boolean;
}
