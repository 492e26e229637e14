import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bashCompletion } from "./bash.ts";
import { completionTree } from "./completion-tree.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

const tree = await completionTree();
const has = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;

/** A folder with the file `setup.opsi` and the folder `sources`. */
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "opsi-completion-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "setup.opsi"), "");
  execFileSync("mkdir", [join(folder, "sources")]);
  return folder;
}

/** What a real bash offers for the last word of the line. */
async function inBash(line: string): Promise<string[]> {
  const folder = await newFolder();
  await writeFile(join(folder, "completion"), bashCompletion(tree));
  const words = line.split(" ");
  const script = `
    source ${folder}/completion; rm ${folder}/completion; cd ${folder}
    compopt() { :; }
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
    _opsi; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync("bash", ["--norc", "-eu", "-c", script], { encoding: "utf8" });
  return out.split("\n").filter((candidate) => candidate !== "");
}

test.each([
  ["opsi cli", ["client", "client-action"]],
  ["opsi client ", ["create", "delete", "list", "rename", "set"]],
  ["opsi --dry-run -u admin client de", ["delete"]],
  ["opsi config service ", ["add", "list", "remove", "set-default"]],
  ["opsi client list --output ", ["auto", "table", "json", "pretty-json", "msgpack", "csv", "lines"]],
  ["opsi package list --output p", ["pretty-json"]],
  ["opsi client-action set-action-request --request u", ["uninstall", "update"]],
  ["opsi package make --comp", ["--compression"]],
  ["opsi package make --compression g", ["gz", "gzip"]],
  ["opsi package make ", ["sources"]],
  ["opsi package extract ", ["setup.opsi", "sources"]],
  // the first argument is a file, the second a folder
  ["opsi package extract setup.opsi ", ["sources"]],
  ["opsi --ca-file s", ["setup.opsi", "sources"]],
  ["opsi completion ", ["bash", "zsh", "fish"]],
  ["opsi jsonrpc execute ", []],
])("bash: %s", async (line, candidates) => {
  expect((await inBash(line)).sort()).toEqual(candidates.sort());
});

test("bash: options of the command and those of all commands", async () => {
  const candidates = await inBash("opsi client list --");
  expect(candidates).toEqual(expect.arrayContaining(["--clients", "--only-online", "--output", "--help"]));
  expect(candidates).not.toContain("--compression");
});

test.runIf(has("fish"))("fish offers the same words and values", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "opsi.fish"), fishCompletion(tree));
  const offered = (line: string) => {
    const script = `source ${folder}/opsi.fish; complete -C '${line}'`;
    const out = execFileSync("fish", ["--no-config", "-c", script], { encoding: "utf8", cwd: folder });
    return out
      .split("\n")
      .flatMap((candidate) => candidate.split("\t")[0] || [])
      .sort();
  };
  expect(offered("opsi config service ")).toEqual(["add", "list", "remove", "set-default"]);
  expect(offered("opsi client list --output j")).toEqual(["json"]);
  expect(offered("opsi package make --comp")).toEqual(["--compression"]);
  expect(offered("opsi completion ")).toEqual(["bash", "fish", "zsh"]);
});

test.runIf(has("zsh"))("zsh accepts the script and finds the function", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "_opsi"), zshCompletion(tree));
  const script = `fpath=(${folder} $fpath); autoload -Uz compinit; compinit -D -u; echo $_comps[opsi]; autoload +X _opsi`;
  expect(execFileSync("zsh", ["-f", "-c", script], { encoding: "utf8" }).trim()).toBe("_opsi");
});
