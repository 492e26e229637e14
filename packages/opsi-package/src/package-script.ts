import { spawn } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { OpsiError } from "@opsi-ts/model";

/** Where package scripts run, and for which package (packages 1.8). */
export interface ScriptSituation {
  readonly productId: string;
  readonly productType: string;
  readonly productVersion: string;
  readonly packageVersion: string;
  /** The product's folder in the depot, also when it is not there yet. */
  readonly clientDataDir: string;
  readonly depotId: string;
  readonly serverVersion: string;
  readonly bootDir: string;
  /** What was on the depot before; empty when nothing was. */
  readonly oldProductVersion: string;
  readonly oldPackageVersion: string;
}

/** The only variables that a package script has; there is no PATH. (packages 1.8) */
function scriptEnvironment(situation: ScriptSituation): Record<string, string> {
  return {
    PRODUCT_ID: situation.productId,
    PRODUCT_TYPE: situation.productType,
    PRODUCT_VERSION: situation.productVersion,
    PACKAGE_VERSION: situation.packageVersion,
    CLIENT_DATA_DIR: situation.clientDataDir,
    OPSI_SERVER_VERSION: situation.serverVersion,
    DEPOT_ID: situation.depotId,
    OLD_PRODUCT_VERSION: situation.oldProductVersion,
    OLD_PACKAGE_VERSION: situation.oldPackageVersion,
    BOOT_DIR: situation.bootDir,
  };
}

export interface RunScriptOptions {
  readonly timeoutMilliseconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for each line that the script prints. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/**
 * Runs `preinst` or `postinst` as the user of this process. A script that is not there counts as run. Scripts with `#!`
 * get line ends of Unix, and `python` becomes `opsi-python` (packages 1.8).
 *
 * @throws OpsiError RuntimeError when it fails, cannot be started or takes longer than 600 seconds
 */
export async function runPackageScript(
  path: string,
  situation: ScriptSituation,
  options: RunScriptOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  if (!(await prepareScript(path))) return;
  const { timeoutMilliseconds = 600_000, signal, onLine } = options;
  const limit = AbortSignal.timeout(timeoutMilliseconds);
  const name = path.split("/").at(-1);
  const fail = (reason: string) =>
    new OpsiError(
      "RuntimeError",
      `Failed to execute package script '${name}' of package '${situation.productId}': ${reason}`,
    );
  // A group of its own, so that what the script has started ends with it
  const child = spawn("/bin/sh", ["-c", shellQuote(path)], {
    cwd: dirname(path),
    env: scriptEnvironment(situation),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // it has ended already
    }
    // What left the group, as daemons do, may hold the output for ever
    child.stdout.destroy();
    child.stderr.destroy();
  };
  limit.addEventListener("abort", end);
  signal?.addEventListener("abort", end);
  try {
    const output = new ScriptOutput(onLine);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => output.add(text));
    }
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    child.once("error", reject);
    child.once("close", resolve);
    const code = await promise.catch((error: unknown) => {
      throw fail(String(error));
    });
    output.finish();
    signal?.throwIfAborted();
    if (limit.aborted) throw fail(`it did not end within ${timeoutMilliseconds / 1000} seconds`);
    if (code !== 0) {
      throw fail(`Command '${path}' returned non-zero exit status ${code ?? "none"}. - ${output.lastLines()}`);
    }
  } finally {
    limit.removeEventListener("abort", end);
    signal?.removeEventListener("abort", end);
  }
}

/** False when there is no script. */
async function prepareScript(path: string): Promise<boolean> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
  if (content.subarray(0, 2).toString("latin1") === "#!") {
    // As Latin-1, so that other bytes stay what they are
    const text = content.toString("latin1").replaceAll("\r\n", "\n");
    await writeFile(path, text.replace(/(^|[\s/])python3?(?=\s)/g, "$1opsi-python"), "latin1");
  }
  await chmod(path, 0o700);
  return true;
}

const shellQuote = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

/** Splits into lines and keeps the last ones for the error. */
class ScriptOutput {
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #last: string[] = [];
  #rest = "";

  constructor(onLine: ((line: string) => void) | undefined) {
    this.#onLine = onLine;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = (lines.pop() ?? "").slice(-10_000);
    for (const line of lines) this.#line(line);
  }

  finish(): void {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
  }

  lastLines(): string {
    return this.#last.join("\n");
  }

  #line(line: string): void {
    this.#onLine?.(line);
    this.#last.push(line.slice(0, 1000));
    if (this.#last.length > 20) this.#last.shift();
  }
}
