import { spawn } from "node:child_process";
import { once } from "node:events";
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
 * Files that do not exist are passed over.
 *
 * @throws BackendTemporaryError that names the file which somebody keeps locked
 */
export async function lockFiles(paths: readonly string[], mode: "shared" | "exclusive"): Promise<AsyncDisposable> {
  const files: { path: string; handle: FileHandle }[] = [];
  const release = async () => {
    await Promise.all(files.map(({ handle }) => handle.close()));
  };
  try {
    for (const path of [...paths].sort()) {
      const handle = await openIfThere(path, mode === "shared" ? "r" : "r+"); // NFS locks only what one may write
      if (handle) files.push({ path, handle });
    }
    for (let index = 0; index < files.length; index += filesAtOnce) {
      await lock(files.slice(index, index + filesAtOnce), mode);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { [Symbol.asyncDispose]: release };
}

async function openIfThere(path: string, flags: string): Promise<FileHandle | null> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

const firstDescriptor = 3;

async function lock(
  files: readonly { path: string; handle: FileHandle }[],
  mode: "shared" | "exclusive",
): Promise<void> {
  const descriptors = files.map((_file, index) => String(firstDescriptor + index));
  const child = spawn("sh", ["-c", script, "sh", ...descriptors], {
    stdio: ["ignore", "pipe", "ignore", ...files.map(({ handle }) => handle.fd)],
    env: { PATH: "/usr/bin:/bin:/usr/local/bin", mode: `--${mode}` },
  });
  let output = "";
  child.stdout?.on("data", (data: Buffer) => {
    output += data.toString();
  });
  const outcome = await Promise.race([once(child, "close"), once(child, "error").then(() => null)]);
  if (outcome === null || output === "") return; // no shell or no flock: there is nobody to keep away either
  const path = files[Number(output) - firstDescriptor]?.path ?? "a file";
  throw new OpsiError("BackendTemporaryError", `${path} is locked by another program, try again`, { field: path });
}
