import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { emptyTally, type Play } from "../tally.ts";
import { type Case, findCases } from "./find-cases.ts";

const interpreter = join(import.meta.dirname, "../../../packages/opsi-script/src/main.ts");
const limitMilliseconds = 30_000;

interface Played {
  readonly values: readonly string[];
  readonly exitCode: number | null;
  readonly counters: string;
}

/**
 * Runs every script in a process of its own, with an environment, a data folder and a folder for temporary files made
 * for it, and compares what it printed line by line. The counters of errors and warnings are reported apart: they do
 * not count.
 */
export const play: Play = async (directory) => {
  const tally = emptyTally();
  const work = await mkdtemp(join(tmpdir(), "opsi-script-corpus-"));
  try {
    const path = await searchPath(work);
    const cases = await findCases(directory);
    let next = 0;
    let counters = 0;
    const worker = async () => {
      for (let index = next++; index < cases.length; index = next++) {
        const one = cases[index];
        if (!one) continue;
        const played = await playCase(one, join(work, String(index)), path, join(work, "compile-cache"));
        if (played.counters !== one.counters) counters++;
        compare(one, played, tally);
      }
    };
    await Promise.all(Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, worker));
    tally.failures.sort((left, right) => (left.place < right.place ? -1 : left.place > right.place ? 1 : 0));
    console.log(`${cases.length} scripts; counters of errors and warnings differ in ${counters}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return tally;
};

/** The interpreter calls its Python `python`; where only `python3` exists it gets a link. */
async function searchPath(work: string): Promise<string> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const find = (name: string) => folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  const python = find("python3");
  if (find("python") || !python) return folders.join(delimiter);
  const links = join(work, "bin");
  await mkdir(links);
  await symlink(python, join(links, "python"));
  return [links, ...folders].join(delimiter);
}

async function playCase(one: Case, folder: string, path: string, compileCache: string): Promise<Played> {
  const data = join(folder, "data");
  const temporary = join(folder, "tmp");
  await mkdir(data, { recursive: true });
  await mkdir(temporary);
  const log = join(folder, "t.log");
  const environment: NodeJS.ProcessEnv = { ...process.env };
  delete environment["corpus_text"];
  delete environment["CORPUS_NOT_SET_XYZ"];
  Object.assign(environment, {
    CORPUS_DIR: data,
    CORPUS_TEXT: "from environment",
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
    PATH: path,
    TMPDIR: temporary,
    OPSICLIENTD_RUN_FOLDER: folder, // takes the place of a restart of this machine
    NODE_COMPILE_CACHE: compileCache,
  });
  const exitCode = await run([interpreter, one.script, "-logfile", log, "-silent"], environment);
  const text = await readFile(log, "utf8").catch(() => "");
  await rm(folder, { recursive: true, force: true });
  return { ...readLog(text), exitCode };
}

function run(parameters: readonly string[], environment: NodeJS.ProcessEnv): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, {
      env: environment,
      stdio: ["ignore", "ignore", "inherit"],
      timeout: limitMilliseconds,
    });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code));
  });
}

/** Comments that begin with `=> `, and the two counters at the end. */
function readLog(text: string): { values: string[]; counters: string } {
  const comments = text.matchAll(/^\[\d\] \[[^\]]*\] \[[^\]]*\] *comment: (.*)$/gm);
  // an empty value leaves no trace in the records: its line ends behind the arrow
  const values = [...comments].map(([, value = ""]) => value.trimEnd()).filter((value) => value.startsWith("=> "));
  const errors = text.match(/\] (\d+) errors?$/m)?.[1] ?? "?";
  const warnings = text.match(/\] (\d+) warnings?$/m)?.[1] ?? "?";
  return {
    values: values.map((value) => value.slice(3).trimEnd()),
    counters: `errors: ${errors} warnings: ${warnings}`,
  };
}

function compare(one: Case, played: Played, tally: ReturnType<typeof emptyTally>): void {
  const fail = (what: string, expected: unknown, found: unknown) => {
    tally.failed++;
    tally.failures.push({
      place: `${one.place} ${what}`,
      detail: `expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`,
    });
  };
  for (let index = 0; index < Math.max(one.values.length, played.values.length); index++) {
    const expected = one.values[index];
    const found = played.values[index];
    if (expected === found) tally.passed++;
    else fail(`value ${index + 1}`, expected, found);
  }
  if (one.exitCode === played.exitCode) tally.passed++;
  else fail("exit code", one.exitCode, played.exitCode);
}
