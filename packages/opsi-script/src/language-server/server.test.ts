import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type CompletionItem,
  createProtocolConnection,
  type DocumentSymbol,
  type Hover,
  type Location,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type SignatureHelp,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver/node";

/** Talks to the real program over its standard streams, as an editor does. */
let folder: string;
let server: ChildProcess;
let client: ProtocolConnection;
const published = new Map<string, PublishDiagnosticsParams>();
let arrived = () => {};

const script = `encoding=utf8
[Actions]
DefVar $größe$ = "1"
DefStringList $list$
include_insert "%ScriptPath%/inc.opsiinc"
set $größe$ = twice($größe$)
if FileExists("%ScriptPath%")
comment "Größe: " + $größe$
endif
sub_show
for %x% in $list$ do sub_show
[sub_show]
ShellScript_show
Message $gröse$
[ShellScript_show]
echo "$Größe$" # $größe$
`;
const include = "DefFunc twice($text$ : string) : string\nset $result$ = $text$ + $text$\nendfunc\n";

const uriOf = (name: string) => pathToFileURL(join(folder, name)).href;
const at = (name: string, line: number, character: number) => ({
  textDocument: { uri: uriOf(name) },
  position: { line, character },
});

function open(name: string, text: string): void {
  const textDocument = { uri: uriOf(name), languageId: "opsiscript", version: 1, text };
  void client.sendNotification("textDocument/didOpen", { textDocument });
}

/** Waits until the problems of a file are as wanted. */
async function problems(
  name: string,
  wanted: (codes: readonly unknown[]) => boolean,
): Promise<PublishDiagnosticsParams> {
  for (;;) {
    const found = published.get(uriOf(name));
    if (found && wanted(found.diagnostics.map(({ code }) => code))) return found;
    await new Promise<void>((resolve) => {
      arrived = resolve;
    });
  }
}

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "opsi-language-server-")));
  writeFileSync(join(folder, "inc.opsiinc"), include);
  server = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], { stdio: ["pipe", "pipe", "inherit"] });
  if (!server.stdout || !server.stdin) throw new Error("no streams");
  client = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  client.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    published.set(params.uri, params);
    arrived();
  });
  client.listen();
  await client.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
  await client.sendNotification("initialized", {});
  open("setup.opsiscript", script);
});

afterAll(async () => {
  await client.sendRequest("shutdown");
  const exited = once(server, "exit");
  await client.sendNotification("exit");
  expect((await exited)[0]).toBe(0);
  client.dispose();
  rmSync(folder, { recursive: true });
});

test("problems are told while somebody types, with place and hint", async () => {
  const { diagnostics } = await problems("setup.opsiscript", (codes) => codes.includes("undefined-variable"));
  expect(diagnostics).toMatchObject([
    {
      range: { start: { line: 13, character: 8 }, end: { line: 13, character: 15 } },
      severity: 1,
      message: "Variable $gröse$ is not defined\nDid you mean $größe$?",
    },
  ]);
  const textDocument = { uri: uriOf("setup.opsiscript"), version: 2 };
  const range = diagnostics[0]?.range;
  const actions = await client.sendRequest("textDocument/codeAction", {
    textDocument,
    range,
    context: { diagnostics },
  });
  expect(actions).toMatchObject([
    { title: "Change to $größe$", edit: { changes: { [textDocument.uri]: [{ range, newText: "$größe$" }] } } },
  ]);
  const corrected = script.replace("$gröse$", "$größe$");
  await client.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text: corrected }] });
  await problems("setup.opsiscript", (codes) => codes.length === 0);
  open("inc.opsiinc", include.replace("$text$ + $text$", "$txt$"));
  await problems("inc.opsiinc", (codes) => codes.includes("undefined-variable"));
  await client.sendNotification("textDocument/didClose", { textDocument: { uri: uriOf("inc.opsiinc") } });
  await problems("inc.opsiinc", (codes) => codes.length === 0);
});

const labels = (items: readonly CompletionItem[]) => items.map(({ label }) => label);

test("completion knows variables, functions, statements, constants and commands, with documentation", async () => {
  const names = await client.sendRequest<CompletionItem[]>("textDocument/completion", at("setup.opsiscript", 5, 16));
  expect(labels(names)).toEqual(
    expect.arrayContaining(["$größe$", "$list$", "twice", "composeString", "FileExists", "$result$"]),
  );
  expect(names.find(({ label }) => label === "upper")).toMatchObject({
    detail: "upper(text)",
    documentation: { kind: "markdown", value: expect.stringContaining("upper") },
    textEdit: { newText: "upper", range: { start: { character: 14 }, end: { character: 19 } } },
  });
  const statements = await client.sendRequest<CompletionItem[]>(
    "textDocument/completion",
    at("setup.opsiscript", 9, 1),
  );
  expect(labels(statements)).toEqual(expect.arrayContaining(["Message", "sub_show", "Files", "isFatalError"]));
  const constants = await client.sendRequest<CompletionItem[]>(
    "textDocument/completion",
    at("setup.opsiscript", 6, 16),
  );
  expect(labels(constants)).toContain("%Scriptpath%");
  open("files.opsiscript", "[Actions]\nFiles_x\n[Files_x]\nco\n");
  const commands = await client.sendRequest<CompletionItem[]>("textDocument/completion", at("files.opsiscript", 3, 2));
  expect(labels(commands)).toEqual(expect.arrayContaining(["copy", "del", "SourcePath"]));
});

test("hover explains what is under the mouse", async () => {
  const hover = async (line: number, character: number) => {
    const found = await client.sendRequest<Hover | null>("textDocument/hover", at("setup.opsiscript", line, character));
    return found && "value" in (found.contents as { value: string }) ? (found.contents as { value: string }).value : "";
  };
  expect(await hover(6, 5)).toContain("FileExists(path) : condition");
  expect(await hover(5, 16)).toContain("DefFunc twice($text$ : string) : string");
  expect(await hover(5, 6)).toContain("$größe$ : string");
  expect(await hover(7, 2)).toContain("comment string");
  expect(await hover(6, 18)).toContain("folder of the main script");
  expect(await hover(0, 12)).toBe("");
});

test("the parameters of a function while its arguments are written", async () => {
  const help = (line: number, character: number) =>
    client.sendRequest<SignatureHelp | null>("textDocument/signatureHelp", at("setup.opsiscript", line, character));
  expect(await help(6, 15)).toMatchObject({ signatures: [{ label: "FileExists(path)" }], activeParameter: 0 });
  expect(await help(5, 22)).toMatchObject({ signatures: [{ parameters: [{ label: "$text$" }] }] });
  expect(await help(5, 4)).toBeNull();
});

test("go to definition, also in another file, and all uses", async () => {
  const [name] = [at("setup.opsiscript", 5, 16)];
  expect(await client.sendRequest<Location>("textDocument/definition", name)).toEqual({
    uri: uriOf("inc.opsiinc"),
    range: { start: { line: 0, character: 8 }, end: { line: 0, character: 13 } },
  });
  const file = await client.sendRequest<Location>("textDocument/definition", at("setup.opsiscript", 4, 30));
  expect(file.uri).toBe(uriOf("inc.opsiinc"));
  const context = { includeDeclaration: true };
  const uses = await client.sendRequest<Location[]>("textDocument/references", {
    ...at("setup.opsiscript", 9, 3),
    context,
  });
  expect(uses.map(({ range }) => range.start.line)).toEqual([11, 9, 10]);
});

test("rename changes all uses, those in sections of other languages as well", async () => {
  const rename = (line: number, character: number, newName: string) =>
    client.sendRequest<WorkspaceEdit>("textDocument/rename", { ...at("setup.opsiscript", line, character), newName });
  const { changes } = await rename(5, 6, "$size$");
  const lines = changes?.[uriOf("setup.opsiscript")]?.map(
    ({ range }) => `${range.start.line}:${range.start.character}`,
  );
  expect(lines?.sort()).toEqual(["13:8", "15:17", "15:6", "2:7", "5:20", "5:4", "7:20"]);
  const inBoth = await rename(5, 16, "double");
  expect(Object.keys(inBoth.changes ?? {}).sort()).toEqual([uriOf("inc.opsiinc"), uriOf("setup.opsiscript")].sort());
  const result = { ...at("inc.opsiinc", 1, 6), newName: "$r$" };
  expect(await client.sendRequest("textDocument/rename", result)).toBeNull();
  await expect(rename(5, 6, "$list$")).rejects.toThrow("already");
  await expect(rename(5, 6, "files_x")).rejects.toThrow("something of this name");
  await expect(rename(5, 6, "a b")).rejects.toThrow("cannot be a name");
  await expect(rename(10, 5, "%y%")).rejects.toThrow("loop");
});

test("what comes with the interpreter is not renamed", async () => {
  open("uses.opsiscript", '[Actions]\nimportlib "uib_exitcode"\nisMsExitcodeFatal("0", "true", "")\n');
  const renamed = { ...at("uses.opsiscript", 2, 3), newName: "isFatal" };
  await expect(client.sendRequest("textDocument/rename", renamed)).rejects.toThrow("comes with the interpreter");
});

test("functions are described as they are written", async () => {
  open("own.opsiscript", "[Actions]\nDefFunc grüße($größe$ : string) : void\nendfunc\ngrüße(\n");
  const hover = await client.sendRequest<Hover>("textDocument/hover", at("own.opsiscript", 1, 10));
  expect(hover.contents).toMatchObject({ value: expect.stringContaining("DefFunc grüße($größe$ : string) : void") });
  const help = await client.sendRequest<SignatureHelp>("textDocument/signatureHelp", at("own.opsiscript", 3, 6));
  expect(help.signatures).toMatchObject([
    { label: "DefFunc grüße($größe$ : string) : void", parameters: [{ label: "$größe$" }] },
  ]);
});

test("outline and formatting", async () => {
  const textDocument = { uri: uriOf("setup.opsiscript") };
  const symbols = await client.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", { textDocument });
  expect(symbols.map(({ name }) => name)).toEqual(["Actions", "sub_show", "ShellScript_show"]);
  const options = { tabSize: 4, insertSpaces: false };
  const edits = await client.sendRequest<TextEdit[]>("textDocument/formatting", { textDocument, options });
  expect(edits).toMatchObject([
    { newText: '\tcomment "Größe: " + $größe$', range: { start: { line: 7, character: 0 } } },
  ]);
});
