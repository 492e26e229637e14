import { copyFileSync, linkSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { unpackZip, writeZip } from "../files/zip.ts";
import { Cursor, stops } from "../language/lexer.ts";
import { FatalProblem, reasonOf, SyntaxProblem } from "../language/problems.ts";
import type { SourceLine } from "../language/source.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { toText, trim, trimEnd } from "../text/bytes.ts";
import { changeMode } from "./files-chmod.ts";
import { type CopyOptions, copyFiles } from "./files-copy.ts";
import { type DeleteOptions, deleteFiles } from "./files-delete.ts";
import { commandLines, type SectionCall, type SectionHandler } from "./section.ts";

/** Default directories of the section. */
interface Defaults {
  source: string;
  target: string;
}

/** Copying, deleting, linking, packing files (sections §1). */
export const files: SectionHandler = {
  perProfile: true,
  run: (call) => {
    const defaults: Defaults = { source: "", target: call.profile };
    for (const line of commandLines(call)) if (!runLine(call, line, defaults)) break;
    return [];
  },
};

/** False when the script is to end. */
function runLine(call: SectionCall, line: SourceLine, defaults: Defaults): boolean {
  const { context } = call;
  try {
    execute(context, line.text, defaults);
    return true;
  } catch (problem) {
    if (problem instanceof SyntaxProblem) return call.syntaxError(problem.message, line);
    if (problem instanceof FatalProblem) throw problem;
    context.error(`${trim(line.text)}: ${reasonOf(problem)}`);
    return true;
  }
}

function execute(context: Context, text: string, defaults: Defaults): void {
  const cursor = new Cursor(text);
  const command = cursor.word(stops.sectionWord);
  switch (command.toLowerCase()) {
    case "sourcepath":
      cursor.expect("=");
      defaults.source = native(lastPath(cursor));
      return;
    case "checktargetpath":
      cursor.expect("=");
      defaults.target = native(lastPath(cursor));
      mkdirSync(toText(defaults.target), { recursive: true });
      return;
    case "copy": {
      const options = readOptions(cursor, "svdurncVwexh");
      const source = native(firstPath(cursor));
      const target = native(lastPath(cursor));
      for (const letter of options) {
        if ("Vvdrc".includes(letter)) context.warning(`copy: option ${letter} has an effect on Windows only`);
      }
      const from = source.includes("/") || source.includes("\\") ? source : joined(defaults.source, source);
      const copy: CopyOptions = {
        recursive: options.has("s"),
        emptyFolders: options.has("s") || options.has("e"),
        update: options.has("u"),
        never: options.has("n"),
        weak: options.has("w"),
        extract: options.has("x"),
        follow: options.has("h"),
      };
      copyFiles(context, from, joined(defaults.target, target), copy);
      return;
    }
    case "del":
    case "delete": {
      const options = readDeleteOptions(cursor, command.toLowerCase() === "delete");
      const path = native(lastPath(cursor));
      if (path === "") throw new SyntaxProblem("Path expected");
      deleteFiles(context, path.includes("/") ? path : joined(defaults.source, path), options);
      return;
    }
    case "chmod": {
      if (context.platform.system === "windows") throw new SyntaxProblem("chmod is unknown on Windows");
      const mode = cursor.word(stops.plain);
      const below = /[ \t]\/allsubfiles\s*$/i.exec(cursor.rest);
      const path = lastPath(new Cursor(below ? cursor.rest.slice(0, below.index) : cursor.rest));
      changeMode(context, mode, native(path), below !== null);
      return;
    }
    case "hardlink":
    case "symlink":
    case "rename":
    case "move":
      relocate(context, command.toLowerCase(), cursor, defaults);
      return;
    case "zipfile":
      pack(context, cursor, defaults);
      return;
    case "unzipfile":
      unpack(context, cursor, defaults);
      return;
    default:
      throw new SyntaxProblem(`Unknown command: ${command}`);
  }
}

/** With the delimiters of Unix, which Windows understands as well: all of this section is written for them. */
const native = (path: string) => trimEnd(path).replaceAll("\\", "/");

/** A relative path below a default directory. */
function joined(folder: string, path: string): string {
  if (path === "") return folder;
  if (folder === "" || isAbsolute(toText(path))) return path;
  return folder.endsWith("/") ? folder + path : `${folder}/${path}`;
}

/** A quoted string or a bare word. */
function firstPath(cursor: Cursor): string {
  return cursor.next === '"' || cursor.next === "'" ? cursor.sectionLiteral() : cursor.word(stops.plain);
}

/** The last argument: quoted, or all that is left. */
function lastPath(cursor: Cursor): string {
  if (cursor.next === '"' || cursor.next === "'") {
    const path = cursor.sectionLiteral();
    if (!cursor.atEnd) throw new SyntaxProblem(`Remaining char(s) not allowed here: ${cursor.rest}`);
    return path;
  }
  const path = trim(cursor.rest);
  cursor.position = cursor.text.length;
  return path;
}

function readOptions(cursor: Cursor, known: string): Set<string> {
  const options = new Set<string>();
  while (/^-[A-Za-z]+(?=[ \t]|$)/.test(cursor.rest)) {
    for (const letter of cursor.word(stops.plain).slice(1)) {
      if (!known.includes(letter)) throw new SyntaxProblem(`Unknown option: ${letter}`);
      options.add(letter);
    }
  }
  return options;
}

function readDeleteOptions(cursor: Cursor, search: boolean): DeleteOptions {
  const options = { recursive: false, force: false, days: null as number | null, search };
  while (/^-[A-Za-z0-9]+(?=[ \t]|$)/.test(cursor.rest)) {
    const word = cursor.word(stops.plain).slice(1);
    for (const [, letter = "", digits = ""] of word.matchAll(/([A-Za-z])(\d*)/g)) {
      if (letter === "s") options.recursive = true;
      else if (letter === "f") options.force = true;
      else if (letter === "d") options.days = digits === "" ? 1 : Number(digits);
      else if (!"rc".includes(letter)) throw new SyntaxProblem(`Unknown option: ${letter}`);
    }
  }
  return options;
}

/** Links and moves: `COMMAND existing new`. A missing second path is an exception of the original. */
function relocate(context: Context, command: string, cursor: Cursor, defaults: Defaults): void {
  readOptions(cursor, "c");
  const source = joined(defaults.source, native(firstPath(cursor)));
  if (cursor.atEnd) throw new FatalProblem(`${command}: second path expected`);
  const target = joined(defaults.target, native(lastPath(cursor)));
  const from = resolve(toText(source));
  const to = resolve(toText(target));
  const itself = lstatSync(from, { throwIfNoEntry: false });
  if (!itself) {
    context.error(`${command}: ${source} does not exist`);
    return;
  }
  if (command === "symlink" && !statSync(from, { throwIfNoEntry: false })?.isFile()) {
    context.error(`${command}: ${source} is no file`);
    return;
  }
  const existing = lstatSync(to, { throwIfNoEntry: false });
  if (existing?.isDirectory()) {
    context.error(`${command}: ${target} is a directory`);
    return;
  }
  const isSame = existing?.dev === itself.dev && existing.ino === itself.ino;
  if (isSame && (from === to || itself.nlink === 1)) {
    context.warning(`${command}: ${source}: source and target are the same`);
    return;
  }
  mkdirSync(dirname(to), { recursive: true });
  const isLink = command === "hardlink" || command === "symlink";
  if (existing && (isLink || isSame)) rmSync(to);
  if (command === "hardlink") linkSync(from, to);
  else if (command === "symlink") symlinkSync(from, to);
  else move(from, to);
  context.log.write(level.info, `${command}: ${source} to ${target}`);
}

/** Between file systems a file is copied and then removed. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to); // replaces a file in one step
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") {
      rmSync(to); // a folder does not replace a file by itself
      renameSync(from, to);
    } else if (code === "EXDEV" && statSync(from).isFile()) {
      rmSync(to, { force: true }); // a link would have the copy written to where it points
      copyFileSync(from, to);
      rmSync(from);
    } else throw error;
  }
}

function pack(context: Context, cursor: Cursor, defaults: Defaults): void {
  const source = joined(defaults.source, native(firstPath(cursor)));
  const target = joined(defaults.target, native(lastPath(cursor)));
  const from = toText(source).replace(/\/(\*(\.\*)?)?$/, "");
  if (!statSync(from, { throwIfNoEntry: false })) {
    context.error(`zipfile: ${source} does not exist`);
    return;
  }
  mkdirSync(dirname(resolve(toText(target))), { recursive: true });
  rmSync(toText(target), { force: true });
  writeZip(from, toText(target));
  context.log.write(level.info, `zipfile: ${source} packed into ${target}`);
}

function unpack(context: Context, cursor: Cursor, defaults: Defaults): void {
  const source = joined(defaults.source, native(firstPath(cursor)));
  const target = joined(defaults.target, native(firstPath(cursor)));
  const encoding = trim(cursor.rest).replace(/^(["'])(.*)\1$/, "$2");
  if (!statSync(toText(source), { throwIfNoEntry: false })) {
    context.error(`unzipfile: ${source} does not exist`);
    return;
  }
  mkdirSync(toText(target), { recursive: true });
  unpackZip(toText(source), toText(target), encoding === "" ? undefined : encoding);
  context.log.write(level.info, `unzipfile: ${source} unpacked into ${target}`);
}
