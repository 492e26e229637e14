/** Numbers and texts of errors of the operating system as programs of opsi show them. */
const systemErrors: Readonly<Record<string, readonly [number: number, text: string]>> = {
  ENOENT: [2, "No such file or directory"],
  EACCES: [13, "Permission denied"],
  EEXIST: [17, "File exists"],
  ENOTDIR: [20, "Not a directory"],
  EISDIR: [21, "Is a directory"],
  ENOSPC: [28, "No space left on device"],
};

/** `[Errno 2] No such file or directory: '/x'` */
export function systemErrorText(error: unknown, path: string): string {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  const known = Object.hasOwn(systemErrors, code) ? systemErrors[code] : undefined;
  if (known) return `[Errno ${known[0]}] ${known[1]}: '${path}'`;
  return error instanceof Error ? error.message : String(error);
}

/** The error of a file that is not there. */
export const missingFile = () => Object.assign(new Error("no such file or directory"), { code: "ENOENT" });
