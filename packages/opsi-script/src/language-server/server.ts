import {
  type CodeAction,
  CodeActionKind,
  type Connection,
  DiagnosticSeverity,
  DiagnosticTag,
  type DocumentSymbol,
  type Diagnostic as EditorDiagnostic,
  MarkupKind,
  type Position,
  SymbolKind,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import type { Diagnostic } from "../check/diagnostic.ts";
import { formatLines } from "../format/format-lines.ts";
import { toBytes, toText } from "../text/bytes.ts";
import { opsiScriptVersion } from "../version.ts";
import { complete } from "./complete.ts";
import { describeSymbol, describeWord } from "./describe.ts";
import { fileAt, placesOf, symbolAt } from "./find-symbol.ts";
import { byteAt, locationOf, rangeOfPlace, wordAt } from "./positions.ts";
import { rename } from "./rename.ts";
import { signatureHelp } from "./signature-help.ts";
import { pathOf, uriOf, Workspace } from "./workspace.ts";

/** While somebody types, the check waits for a pause. */
const pauseMilliseconds = 150;

/** Nobody reads more of one file, and editors become slow. */
const mostDiagnostics = 1000;

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

/** Serves an editor until it goes: diagnostics, completion, hover, definitions, references, rename, outline, format. */
export function serve(connection: Connection): void {
  const workspace = new Workspace();
  /** Files whose problems the editor shows. */
  let published = new Set<string>();
  let pause: NodeJS.Timeout | undefined;

  const publish = () => {
    const byFile = new Map<string, EditorDiagnostic[]>(workspace.openPaths.map((path) => [uriOf(path), []]));
    for (const { diagnostics } of workspace.results()) {
      for (const diagnostic of diagnostics) {
        const uri = uriOf(toBytes(diagnostic.file));
        const inFile = byFile.get(uri) ?? [];
        byFile.set(uri, inFile);
        if (inFile.length < mostDiagnostics) inFile.push(forEditor(diagnostic));
      }
    }
    for (const uri of published) if (!byFile.has(uri)) byFile.set(uri, []);
    for (const [uri, diagnostics] of byFile) void connection.sendDiagnostics({ uri, diagnostics });
    published = new Set(byFile.keys());
  };
  const changed = () => {
    clearTimeout(pause);
    pause = setTimeout(publish, pauseMilliseconds);
  };
  const update = (uri: string, text: string | null) => {
    const path = pathOf(uri);
    if (path === null) return;
    if (text === null) workspace.close(path);
    else workspace.set(path, text);
    changed();
  };
  /** The file, its lines, and the symbol at a position. */
  const lookAt = ({ textDocument, position }: { textDocument: { uri: string }; position: Position }) => {
    const path = pathOf(textDocument.uri) ?? "";
    const lines = workspace.linesOf(path);
    const line = lines[position.line] ?? "";
    const result = workspace.resultFor(path);
    const here = { path, line: position.line + 1, at: byteAt(line, position.character) };
    return { lines, line, here, result, symbol: result ? symbolAt(result, here) : undefined };
  };

  connection.onInitialize(() => ({
    serverInfo: { name: "opsi-script", version: opsiScriptVersion },
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Full },
      completionProvider: { triggerCharacters: ["$", "%"] },
      hoverProvider: true,
      signatureHelpProvider: { triggerCharacters: ["(", ","] },
      definitionProvider: true,
      referencesProvider: true,
      renameProvider: { prepareProvider: true },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      documentSymbolProvider: true,
      documentFormattingProvider: true,
    },
  }));
  connection.onDidOpenTextDocument(({ textDocument: { uri, text } }) => update(uri, text));
  connection.onDidChangeTextDocument(({ textDocument: { uri }, contentChanges }) => {
    const text = contentChanges.at(-1)?.text;
    if (text !== undefined) update(uri, text);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => update(uri, null));

  connection.onCompletion((params) => {
    const { lines, result } = lookAt(params);
    return complete(result, lines, params.position);
  });
  connection.onHover((params) => {
    const { line, symbol } = lookAt(params);
    const word = wordAt(line, params.position);
    const value = symbol ? describeSymbol(symbol) : describeWord(word.text);
    return value === null ? null : { contents: { kind: MarkupKind.Markdown, value }, range: word.range };
  });
  connection.onDefinition((params) => {
    const { symbol, result, here } = lookAt(params);
    if (symbol) return locationOf(symbol.definition);
    const file = result ? fileAt(result, here) : undefined;
    const start = { line: 0, character: 0 };
    return file === undefined ? null : { uri: uriOf(file), range: { start, end: start } };
  });
  connection.onSignatureHelp((params) => {
    const { line, here, result } = lookAt(params);
    return signatureHelp(result, line, here.at);
  });
  connection.onReferences((params) => {
    const { symbol } = lookAt(params);
    return symbol ? placesOf(symbol).map(locationOf) : [];
  });
  connection.onPrepareRename((params) => {
    const { line, symbol } = lookAt(params);
    return symbol ? wordAt(line, params.position).range : null;
  });
  connection.onRenameRequest((params) => {
    const { symbol, result } = lookAt(params);
    return symbol && result ? { changes: rename(result, symbol, params.newName) } : null;
  });
  connection.onCodeAction(({ textDocument: { uri }, context: { diagnostics } }): CodeAction[] =>
    diagnostics.flatMap((diagnostic) => {
      const instead: unknown = diagnostic.data;
      if (typeof instead !== "string") return [];
      const edit = { changes: { [uri]: [{ range: diagnostic.range, newText: instead }] } };
      return [{ title: `Change to ${instead}`, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], edit }];
    }),
  );
  connection.onDocumentSymbol(({ textDocument }): DocumentSymbol[] => {
    const path = pathOf(textDocument.uri) ?? "";
    const own = workspace.resultFor(path)?.symbols.filter(({ definition }) => definition.line.file === path) ?? [];
    return own
      .filter(({ kind }) => kind === "section" || kind === "function")
      .map(({ name, kind, definition }) => ({
        name: toText(name),
        kind: kind === "section" ? SymbolKind.Namespace : SymbolKind.Function,
        range: rangeOfPlace(definition),
        selectionRange: rangeOfPlace(definition),
      }));
  });
  connection.onDocumentFormatting(({ textDocument, options }) => {
    const lines = workspace.linesOf(pathOf(textDocument.uri) ?? "");
    const formatted = formatLines(lines, options.insertSpaces ? " ".repeat(options.tabSize) : "\t");
    return formatted.flatMap((line, row) => {
      const old = lines[row] ?? "";
      if (line === old) return [];
      const range = { start: { line: row, character: 0 }, end: { line: row, character: toText(old).length } };
      return [{ range, newText: toText(line) }];
    });
  });
  connection.onShutdown(() => clearTimeout(pause));
  connection.listen();
}

function forEditor(diagnostic: Diagnostic): EditorDiagnostic {
  const { line, column, endColumn, severity, code, message, hint, instead } = diagnostic;
  return {
    range: { start: { line: line - 1, character: column - 1 }, end: { line: line - 1, character: endColumn - 1 } },
    severity: severities[severity],
    code,
    source: "opsi-script",
    message: hint === null ? message : `${message}\n${hint}`,
    data: instead,
    tags: code === "unreachable" || code === "unused-section" ? [DiagnosticTag.Unnecessary] : [],
  };
}
