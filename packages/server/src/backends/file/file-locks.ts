import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { OpsiError } from "@opsi-ts/model";

/** As long as the original's programs wait. (storage 5.2) */
const waitSeconds = 2;

/** Each needs a descriptor in the program that locks. */
const filesAtOnce = 100;

/** Locks the descriptors that it is given; prints the one that others did not let go. */
const script = `command -v flock > /dev/null || exit 0
for fd; do flock "$mode" -w ${waitSeconds} "$fd" || { echo "$fd"; exit 1; }; done`;

/**
 * Locks files as the original's programs do, with flock(2). Node has no call for it: the program `flock` locks
 * descriptors of ours, and the locks stay with them. Without that program, on Windows for one, nothing is locked.
 * Files that do not exist are passed over. NFS locks only what one may write.
 *
 * @throws BackendTemporaryError that names the file which somebody keeps locked
 */
export async function lockFiles(paths: readonly string[], mode: "shared" | "exclusive"): Promise<AsyncDisposable> {
  const sorted = [...new Set(paths)].sort(); // everybody in the same order: nobody waits for each other
  for (let attempt = 0; attempt < attempts; attempt++) {
    const files = await openAndLock(sorted, mode);
    // Who had the lock before us may have put another file to its place: then we have locked one that is gone.
    const isCurrent = await Promise.all(files.map(isInPlace));
    if (!isCurrent.includes(false)) return { [Symbol.asyncDispose]: () => release(files) };
    await release(files);
  }
  throw new OpsiError("BackendTemporaryError", "Other programs keep writing the same files, try again");
}

/** How often a file may be replaced while we wait for its lock. */
const attempts = 100;

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
}

async function release(files: readonly OpenFile[]): Promise<void> {
  await Promise.all(files.map(({ handle }) => handle.close()));
}

async function isInPlace({ path, handle }: OpenFile): Promise<boolean> {
  const { ino, dev } = await handle.stat({ bigint: true });
  const there = statSync(path, { bigint: true, throwIfNoEntry: false });
  return there !== undefined && there.ino === ino && there.dev === dev;
}

async function openAndLock(paths: readonly string[], mode: "shared" | "exclusive"): Promise<OpenFile[]> {
  const files: OpenFile[] = [];
  try {
    for (const path of paths) {
      const handle = await openIfThere(path, mode === "shared" ? constants.O_RDONLY : constants.O_RDWR);
      if (handle) files.push({ path, handle });
    }
    for (let index = 0; index < files.length; index += filesAtOnce) {
      await lock(files.slice(index, index + filesAtOnce), mode);
    }
    return files;
  } catch (error) {
    await release(files);
    throw error;
  }
}

/** Nothing but a file is locked. A pipe in its place would let us wait for ever for somebody who writes to it. */
async function openIfThere(path: string, access: number): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, access | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EISDIR")) return null;
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return null;
}

const firstDescriptor = 3;

async function lock(files: readonly OpenFile[], mode: "shared" | "exclusive"): Promise<void> {
  const descriptors = files.map((_file, index) => String(firstDescriptor + index));
  const child = spawn("sh", ["-c", script, "sh", ...descriptors], {
    stdio: ["ignore", "pipe", "ignore", ...files.map(({ handle }) => handle.fd)],
    env: { PATH: "/usr/bin:/bin:/usr/local/bin", mode: `--${mode}` },
  });
  let output = "";
  child.stdout?.on("data", (data: Buffer) => {
    output += data.toString();
  });
  try {
    await once(child, "close");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return; // no shell: not a system for it
    throw error;
  }
  if (child.exitCode === 0) return;
  if (output === "") throw new OpsiError("BackendIOError", "The program flock has failed");
  const path = files[Number(output) - firstDescriptor]?.path ?? "a file";
  throw new OpsiError("BackendTemporaryError", `${path} is locked by another program, try again`, { field: path });
}
