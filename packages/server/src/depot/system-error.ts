/** Numbers, texts and classes of errors of the operating system as programs of opsi show them. */
const systemErrors: Readonly<Record<string, readonly [number: number, text: string, name: string]>> = {
  ENOENT: [2, "No such file or directory", "FileNotFoundError"],
  EACCES: [13, "Permission denied", "PermissionError"],
  EEXIST: [17, "File exists", "FileExistsError"],
  ENOTDIR: [20, "Not a directory", "NotADirectoryError"],
  EISDIR: [21, "Is a directory", "IsADirectoryError"],
  ENOSPC: [28, "No space left on device", "OSError"],
};

function knownError(error: unknown) {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  return Object.hasOwn(systemErrors, code) ? systemErrors[code] : undefined;
}

const plainText = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** `[Errno 2] No such file or directory: '/x'` */
export function systemErrorText(error: unknown, path: string): string {
  const known = knownError(error);
  return known ? `[Errno ${known[0]}] ${known[1]}: '${path}'` : plainText(error);
}

/** `FileNotFoundError(2, 'No such file or directory')` */
export function systemErrorRepr(error: unknown): string {
  const known = knownError(error);
  return known ? `${known[2]}(${known[0]}, '${known[1]}')` : plainText(error);
}

/** The error of a file that is not there. */
export const missingFile = () => Object.assign(new Error("no such file or directory"), { code: "ENOENT" });
