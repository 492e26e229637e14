import { isOpsiError, OpsiError } from "@opsi-ts/model";

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

/**
 * What the operating system or a file name did not allow, as an error for callers; null for every other failure. Paths
 * of the server are for administrators.
 */
export function systemFailure(error: unknown, isAdmin: boolean): OpsiError | null {
  if (!(error instanceof Error) || isOpsiError(error)) return null;
  const { code = "", path } = error as NodeJS.ErrnoException;
  if (code === "ERR_INVALID_ARG_VALUE")
    return new OpsiError("BackendIOError", "A name with a NUL character", { cause: error });
  if (!/^E[A-Z0-9]+$/.test(code)) return null;
  const [number, text] = knownError(error) ?? [code, error.message.replace(/^\w+: |, .*$/gs, "")];
  const where = isAdmin && path !== undefined ? `: '${path}'` : "";
  return new OpsiError("BackendIOError", `[Errno ${number}] ${text}${where}`, { cause: error });
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
