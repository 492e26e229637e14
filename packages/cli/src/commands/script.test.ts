import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOpsi } from "../run-opsi.ts";
import { testSurroundings } from "../testing/test-surroundings.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-script-commands-"));
  writeFileSync(join(folder, "good.opsiscript"), '[Actions]\nDefVar $a$ = "x"\ncomment $a$\n');
  writeFileSync(join(folder, "bad.opsiscript"), "[Actions]\nDefVar $count$\nMessage $cuont$\n");
  writeFileSync(join(folder, "warn.opsiscript"), "[Actions]\nFiles_none\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function opsi(words: readonly string[], terminal = false) {
  const surroundings = testSurroundings({ folder, terminal, environment: { PATH: process.env["PATH"] } });
  const exitCode = await runOpsi(["script", ...words], surroundings);
  return { exitCode, out: surroundings.out() };
}

test("check shows place, line and hint, and its exit code says whether there are errors", async () => {
  expect(await opsi(["check", "good.opsiscript"])).toEqual({ exitCode: 0, out: "0 errors, 0 warnings in 1 file\n" });
  const bad = await opsi(["check", "bad.opsiscript"]);
  expect(bad.exitCode).toBe(1);
  expect(bad.out).toBe(`bad.opsiscript:3:9: error: Variable $cuont$ is not defined [undefined-variable]
    3 | Message $cuont$
      |         ^^^^^^^
      = Did you mean $count$?

1 error, 0 warnings in 1 file
`);
  expect(await opsi(["check", "warn.opsiscript"])).toMatchObject({ exitCode: 0 });
  expect(await opsi(["check", "warn.opsiscript", "--strict"])).toMatchObject({ exitCode: 1 });
  expect(await opsi(["check", "none.opsiscript"])).toEqual({ exitCode: 2, out: "" });
  expect((await opsi(["check", "bad.opsiscript"], true)).out).toContain("\x1b[1;31merror:");
});

test("check takes folders, and answers in all formats", async () => {
  const { exitCode, out } = await opsi(["check", ".", "--output", "json"]);
  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toMatchObject([
    { file: "bad.opsiscript", line: 3, column: 9, endColumn: 16, severity: "error", code: "undefined-variable" },
    { file: "warn.opsiscript", line: 2, severity: "warning", code: "missing-section" },
  ]);
  expect((await opsi(["check", ".", "--output", "csv", "--attributes", "file,line"])).out).toContain(
    "bad.opsiscript;3",
  );
});

test("run shows the log while the script runs, with a trace if wanted", () => {
  const main = join(import.meta.dirname, "../main.ts");
  const run = (...words: string[]) =>
    spawnSync(process.execPath, [main, "script", "run", ...words], { cwd: folder, encoding: "utf8" });
  const good = run("good.opsiscript", "--trace", "--log-file", "good.log");
  expect(good.status).toBe(0);
  expect(good.stdout).toMatch(
    /^\[5\] trace: good\.opsiscript:3: comment \$a\$\n\[5\] trace: {5}\$a\$ = "x"\n\[5\] comment: x$/m,
  );
  expect(good.stdout).not.toContain("\x1b");
  expect(readFileSync(join(folder, "good.log"), "utf8")).toContain("comment: x");
  const bad = run("bad.opsiscript", "--log-level", "2");
  expect(bad).toMatchObject({ status: 1, stderr: "" });
  expect(bad.stdout).toContain("line 3 of bad.opsiscript");
  expect(bad.stdout).not.toContain("[5]");
  const dry = run("good.opsiscript", "--log-file", "dry.log", "--dry-run");
  expect(dry).toMatchObject({ status: 0, stdout: "", stderr: "Would run good.opsiscript\n" });
  expect(existsSync(join(folder, "dry.log"))).toBe(false);
});

test("what format shows has the bytes of the script, whatever its encoding", () => {
  const script = Buffer.from('encoding=cp1252\r\n[Actions]\r\ncomment "äöü"\r\n', "latin1");
  writeFileSync(join(folder, "western.opsiscript"), script);
  const main = join(import.meta.dirname, "../main.ts");
  const { stdout } = spawnSync(process.execPath, [main, "script", "format", "western.opsiscript"], { cwd: folder });
  rmSync(join(folder, "western.opsiscript"));
  expect(stdout).toEqual(script);
});

test("format shows, checks and writes", async () => {
  const file = join(folder, "crooked.opsiscript");
  const crooked = Buffer.from('encoding=cp1252\r\n[Actions]\r\nif "ä" = GetOS\r\ncomment "ö"\r\nendif\r\n', "latin1");
  writeFileSync(file, crooked);
  chmodSync(file, 0o666);
  const straight = crooked.toString("latin1").replace("comment", "  comment");
  expect(await opsi(["format", "--check", "good.opsiscript"])).toEqual({ exitCode: 0, out: "" });
  expect(await opsi(["format", "--check", file])).toEqual({ exitCode: 1, out: `${file}\n` });
  expect(await opsi(["format", "--write", "--dry-run", file])).toEqual({ exitCode: 0, out: `${file}\n` });
  expect(readFileSync(file)).toEqual(crooked);
  expect(await opsi(["format", "--write", "--spaces", "2", file])).toEqual({ exitCode: 0, out: `${file}\n` });
  expect(readFileSync(file, "latin1")).toBe(straight);
  expect(statSync(file).mode & 0o777).toBe(0o666); // whatever the umask is
  expect(await opsi(["format", "--write", "--spaces", "2", file])).toEqual({ exitCode: 0, out: "" });
  expect(await opsi(["format", "good.opsiscript"])).toEqual({
    exitCode: 0,
    out: readFileSync(join(folder, "good.opsiscript"), "utf8"),
  });
  expect(await opsi(["format", "."])).toMatchObject({ exitCode: 2 });
});

test("lsp speaks with an editor over its standard streams", async () => {
  const words = [join(import.meta.dirname, "../main.ts"), "script", "lsp", "--stdio"];
  const server = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "inherit"] });
  let said = "";
  server.stdout.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  const send = (content: object) => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...content });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  send({ id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } });
  while (!said.includes('"renameProvider"')) await once(server.stdout, "data");
  send({ id: 2, method: "shutdown" });
  while (!said.includes('"id":2')) await once(server.stdout, "data");
  send({ method: "exit" });
  expect(await once(server, "exit")).toEqual([0, null]);
});
