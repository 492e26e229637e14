import { unsupported } from "../package-error.ts";

export type MemberType = "file" | "directory" | "symlink" | "hardlink" | "device" | "pipe";

/** One member of a tar or cpio archive, as its header says. The name is not checked yet: see `member-name.ts`. */
export interface Member {
  readonly name: string;
  readonly type: MemberType;
  /** Permission and set-id bits. */
  readonly mode: number;
  readonly size: number;
  /** Seconds since 1970, with fraction. */
  readonly modified: number;
  /** Target of a symbolic link; of a hard link, the name of the member that it repeats. */
  readonly target: string;
}

/** Reads members one after the other. The content of a member that is not read is skipped. */
export interface ArchiveReader {
  next(): Promise<Member | null>;
  /** The next piece of the current member's content; null at its end. Valid until the next call. */
  readContent(): Promise<Uint8Array | null>;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What no file system takes must not become a tree of half a million folders in memory either. */
export const nameLimit = 4096;

/** Names are UTF-8; very old packages hold Latin-1 names, which stay readable this way. */
export function decodeName(bytes: Uint8Array): string {
  if (bytes.length > nameLimit) throw unsupported(`Name of ${bytes.length} bytes in the archive`);
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  }
}
