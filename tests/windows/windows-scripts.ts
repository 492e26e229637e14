import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emitScripts } from "./emitted-scripts.ts";
import { run } from "./run-program.ts";
import { wineTools } from "./wine-tools.ts";

export interface WindowsRun {
  /** Values of comments that begin with an arrow. */
  readonly values: string[];
  readonly log: string;
  readonly exitCode: number;
}

export interface WindowsScripts extends AsyncDisposable {
  /** A folder that scripts see as `windowsPath(folder)`. */
  readonly folder: string;
  /** Runs the lines as a script. */
  run(script: string, encoding?: BufferEncoding): Promise<WindowsRun>;
  /** Runs another program of Windows and gives its output. */
  program(...words: string[]): Promise<string>;
  /** What Wine calls drive C:. */
  readonly drive: string;
}

/** Wine shows all of Linux as drive Z:. */
export const windowsPath = (path: string): string => `Z:${path.replaceAll("/", "\\")}`;

/** Windows, with our interpreter in it. */
export async function windowsScripts(): Promise<WindowsScripts> {
  const { node, koffi, environment } = await wineTools();
  const folder = await mkdtemp(join(tmpdir(), "opsi-windows-"));
  const main = windowsPath(await emitScripts(join(await mkdtemp(join(folder, "emitted-"))), koffi));
  let count = 0;
  return {
    folder,
    drive: join(environment["WINEPREFIX"] ?? "", "drive_c"),
    async run(script, encoding = "utf8") {
      const name = join(folder, `script-${++count}`);
      await writeFile(`${name}.opsiscript`, script.replaceAll("\n", "\r\n"), encoding);
      const parameters = [windowsPath(`${name}.opsiscript`), "/logfile", windowsPath(`${name}.log`), "/silent"];
      const { exitCode, output } = await run("wine", [node, main, ...parameters], environment, [0, 1]);
      const log = await readFile(`${name}.log`, "utf8").catch(() => output);
      const values = [...log.matchAll(/comment: => (.*?)\r?$/gm)].map(([, value = ""]) => value.trimEnd());
      return { values, log, exitCode };
    },
    async program(...words) {
      return (await run("wine", words, environment)).output;
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
