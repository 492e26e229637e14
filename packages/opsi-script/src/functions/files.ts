import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { blocksOf, entriesOf, readLines, readStart, statOf, withFile } from "../files/file-content.ts";
import { expandPath, nativeDelimiters } from "../files/file-paths.ts";
import { IniFile } from "../files/ini-file.ts";
import { FatalProblem, reasonOf } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { maskMatcher } from "../sections/file-mask.ts";
import { equalIgnoringCase, toBytes, toText, trim, upperUnicode } from "../text/bytes.ts";
import { byteOrderMark, encode } from "../text/encodings.ts";
import { builtin } from "./builtin.ts";

const delimiterAt = (path: string) => Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));

export const extractFilePath = builtin({
  name: "ExtractFilePath",
  parameters: [{ name: "path", type: "string" }],
  returns: "string",
  doc: "The directory with the delimiter at its end; empty when there is no delimiter.",
  examples: [['ExtractFilePath("/usr/bin/bash")', "/usr/bin/"]],
  run: (_context, path) => path.slice(0, delimiterAt(path) + 1),
});

export const extractFileName = builtin({
  name: "ExtractFileName",
  parameters: [{ name: "path", type: "string" }],
  returns: "string",
  doc: "What stands behind the last delimiter.",
  examples: [['ExtractFileName("c:\\a\\x.exe")', "x.exe"]],
  run: (_context, path) => path.slice(delimiterAt(path) + 1),
});

export const extractFileExtension = builtin({
  name: "ExtractFileExtension",
  parameters: [{ name: "path", type: "string" }],
  returns: "string",
  doc: "The extension with its dot; a leading dot starts none.",
  examples: [
    ['ExtractFileExtension("/a/b.tar.gz")', ".gz"],
    ['ExtractFileExtension(".hidden")', ""],
  ],
  run: (_context, path) => {
    const name = path.slice(delimiterAt(path) + 1);
    const at = name.lastIndexOf(".");
    return at <= 0 ? "" : name.slice(at);
  },
});

export const forcePathDelims = builtin({
  name: "forcePathDelims",
  parameters: [{ name: "path", type: "string" }],
  returns: "string",
  doc: "The path with the system's delimiters.",
  examples: [],
  run: (_context, path) => nativeDelimiters(path),
});

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false; // missing, or out of reach
  }
}

export const resolveSymlink = builtin({
  name: "resolveSymlink",
  parameters: [{ name: "path", type: "string" }],
  returns: "string",
  doc: "Where a symbolic link leads to at last; other paths as they are.",
  examples: [['resolveSymlink("/no/such/file")', "/no/such/file"]],
  run: (_context, path) => {
    const start = toText(expandPath(path));
    let target = start;
    for (let steps = 0; steps < 40 && isLink(target); steps++) {
      target = resolve(dirname(target), readlinkSync(target));
    }
    return target === start ? path : toBytes(target);
  },
});

function loadLines(context: Context, file: string, encoding: string): string[] {
  try {
    return readLines(file, encoding);
  } catch (error) {
    context.error(`${file}: ${reasonOf(error)}`);
    return [];
  }
}

export const loadTextFile = builtin({
  name: "loadTextFile",
  parameters: [{ name: "file", type: "string" }],
  returns: "list",
  doc: "The lines of a text file in the system's encoding.",
  examples: [],
  run: (context, file) => {
    try {
      return readLines(file, "system");
    } catch (error) {
      context.log.write(level.error, `loadTextFile: ${file}: ${reasonOf(error)}`);
      return [];
    }
  },
});

export const loadTextFileWithEncoding = builtin({
  name: "loadTextFileWithEncoding",
  parameters: [
    { name: "file", type: "string" },
    { name: "encoding", type: "string" },
  ],
  returns: "list",
  doc: "The lines of a text file.",
  examples: [],
  run: loadLines,
});

export const loadUnicodeTextFile = builtin({
  name: "loadUnicodeTextFile",
  parameters: [{ name: "file", type: "string" }],
  returns: "list",
  doc: "The lines of a text file whose byte order mark tells the encoding.",
  examples: [],
  run: (context, file) => loadLines(context, file, "utf8"),
});

export const strLoadTextFile = builtin({
  name: "strLoadTextFile",
  parameters: [{ name: "file", type: "string" }],
  returns: "string",
  doc: "The first line of a text file.",
  examples: [],
  run: (context, file) => loadLines(context, file, "system")[0] ?? "",
});

export const strLoadTextFileWithEncoding = builtin({
  name: "strLoadTextFileWithEncoding",
  parameters: [
    { name: "file", type: "string" },
    { name: "encoding", type: "string" },
  ],
  returns: "string",
  doc: "The first line of a text file.",
  examples: [],
  run: (context, file, encoding) => loadLines(context, file, encoding)[0] ?? "",
});

function save(context: Context, list: readonly string[], file: string, encoding: string): boolean {
  const end = process.platform === "win32" ? "\r\n" : "\n";
  const path = toText(expandPath(file));
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, encode(list.map((line) => line + end).join(""), encoding));
    return true;
  } catch (error) {
    context.error(`${file}: ${reasonOf(error)}`);
    return false;
  }
}

export const saveTextFile = builtin({
  name: "saveTextFile",
  parameters: [
    { name: "list", type: "list" },
    { name: "file", type: "string" },
  ],
  returns: "boolean",
  doc: "Writes a list into a text file; its directory is made when it is missing.",
  examples: [],
  run: (context, list, file) => save(context, list, file, "system"),
});

export const saveTextFileWithEncoding = builtin({
  name: "saveTextFileWithEncoding",
  parameters: [
    { name: "list", type: "list" },
    { name: "file", type: "string" },
    { name: "encoding", type: "string" },
  ],
  returns: "boolean",
  doc: "Writes a list into a text file.",
  examples: [],
  run: save,
});

export const saveUnicodeTextFile = builtin({
  name: "saveUnicodeTextFile",
  parameters: [
    { name: "list", type: "list" },
    { name: "file", type: "string" },
    { name: "encoding", type: "string" },
  ],
  returns: "boolean",
  doc: "Writes a list into a text file in a Unicode encoding.",
  examples: [],
  run: save,
});

/** A file or directory; on Unix also anything that the shell command `ls PATH` finds, so that masks work. */
export const fileExists = builtin({
  name: "FileExists",
  parameters: [{ name: "path", type: "string" }],
  returns: "boolean",
  doc: "Whether there is such a file or directory; masks are allowed in the last part on Linux and macOS.",
  examples: [
    ['FileExists("/")', true],
    ['FileExists("")', false],
  ],
  run: (_context, path) => {
    const place = nativeDelimiters(trim(path));
    if (place === "") return false;
    if (statOf(place)) return true;
    if (process.platform === "win32" || !/[*?[]/.test(place)) return false;
    const at = place.lastIndexOf("/");
    const matches = maskMatcher(toText(place.slice(at + 1)));
    return entriesOf(toText(place.slice(0, at + 1)) || ".").some(({ name }) => !name.startsWith(".") && matches(name));
  },
});

const architecture = { name: "architecture", type: "string", optional: true } as const;

export const fileOrFolderExists = builtin({
  name: "FileOrFolderExists",
  parameters: [{ name: "path", type: "string" }, architecture],
  returns: "boolean",
  doc: "Whether there is such a file or directory.",
  examples: [['FileOrFolderExists("/")', true]],
  run: (_context, path) => statOf(expandPath(path)) !== undefined,
});

export const directoryExists = builtin({
  name: "DirectoryExists",
  parameters: [{ name: "path", type: "string" }, architecture],
  returns: "boolean",
  doc: "Whether there is such a directory.",
  examples: [['DirectoryExists("/")', true]],
  run: (_context, path) => statOf(expandPath(path))?.isDirectory() === true,
});

export const fileIsSymlink = builtin({
  name: "fileIsSymlink",
  parameters: [{ name: "path", type: "string" }],
  returns: "boolean",
  doc: "Whether the path is a symbolic link.",
  examples: [['fileIsSymlink("/")', false]],
  run: (_context, path) => isLink(toText(expandPath(path))),
});

export const fileHasBom = builtin({
  name: "fileHasBom",
  parameters: [{ name: "path", type: "string" }],
  returns: "boolean",
  doc: "Whether the file begins with a byte order mark. A missing file ends the script.",
  examples: [],
  run: (_context, path) => {
    try {
      return byteOrderMark(readStart(toText(expandPath(path)), 4)) !== null;
    } catch (error) {
      throw new FatalProblem(`fileHasBom: ${path}: ${reasonOf(error)}`);
    }
  },
});

const lineTest = (name: string, doc: string, matches: (line: string, search: string) => boolean) =>
  builtin({
    name,
    parameters: [
      { name: "line", type: "string" },
      { name: "file", type: "string" },
    ],
    returns: "boolean",
    doc,
    examples: [],
    run: (context, search, file) => {
      try {
        const lines = readLines(file, "system");
        return lines.some((line) => matches(line, search));
      } catch (error) {
        context.log.write(level.warning, `${name}: ${file}: ${reasonOf(error)}`);
        return false;
      }
    },
  });

export const lineExistsIn = lineTest(
  "LineExistsIn",
  "Whether a line of the file equals the text, ignoring the case.",
  (line, search) => equalIgnoringCase(line, search),
);
export const lineBeginningExistsIn = lineTest(
  "LineBeginning_ExistsIn",
  "Whether a line of the file begins with the text, ignoring the case.",
  (line, search) => upperUnicode(line).startsWith(upperUnicode(search)),
);
export const lineContainingExistsIn = lineTest(
  "LineContaining_ExistsIn",
  "Whether a line of the file contains the text, ignoring the case.",
  (line, search) => search !== "" && upperUnicode(line).includes(upperUnicode(search)),
);

export const listFiles = builtin({
  name: "listFiles",
  parameters: [
    { name: "path", type: "string" },
    { name: "masks", type: "string" },
    { name: "recursive", type: "string" },
    { name: "architecture", type: "string", optional: true },
  ],
  returns: "list",
  doc: "Full paths of the files in a directory that match one of the masks (separated by semicolons).",
  examples: [['listFiles("/no/such/dir", "*", "false")', []]],
  run: (context, path, masks, recursive) => {
    const flag = trim(recursive).toLowerCase();
    if (flag !== "true" && flag !== "false") {
      context.error(`listFiles: true or false expected, not ${recursive}`);
      return [];
    }
    const entries = entriesOf(toText(expandPath(path)));
    if (flag === "true") {
      for (const entry of entries) {
        if (!entry.isDirectory()) continue;
        for (const below of entriesOf(join(entry.parentPath, entry.name))) entries.push(below);
      }
    }
    const matchers = toText(masks)
      .split(";")
      .map((mask) => maskMatcher(trim(mask)));
    return entries
      .filter((entry) => !entry.isDirectory() && matchers.some((matches) => matches(entry.name)))
      .map((entry) => toBytes(join(entry.parentPath, entry.name)));
  },
});

export const getSectionNames = builtin({
  name: "getSectionNames",
  parameters: [{ name: "file", type: "string" }],
  returns: "list",
  doc: "Names of the sections of an ini file.",
  examples: [],
  run: (context, file) => new IniFile(loadLines(context, file, "system")).sectionNames(),
});

export const getSectionFromInifile = builtin({
  name: "getSectionFromInifile",
  parameters: [
    { name: "section", type: "string" },
    { name: "file", type: "string" },
  ],
  returns: "list",
  doc: "The lines of a section of an ini file.",
  examples: [],
  run: (context, section, file) => new IniFile(loadLines(context, file, "system")).section(section),
});

export const getValueFromInifile = builtin({
  name: "GetValueFromInifile",
  parameters: [
    { name: "file", type: "string" },
    { name: "section", type: "string" },
    { name: "key", type: "string" },
    { name: "default", type: "string" },
    { name: "encoding", type: "string", optional: true },
  ],
  returns: "string",
  doc: "A value of an ini file, or the default.",
  examples: [['GetValueFromInifile("/no/such/file","s","k","d")', "d"]],
  run: (_context, file, section, key, initial, encoding = "system") => {
    try {
      const ini = new IniFile(readLines(file, encoding));
      return ini.value(section, key) ?? initial;
    } catch {
      return initial; // no such file
    }
  },
});

export const getIni = builtin({
  name: "GetIni",
  parameters: [{ name: "place", type: "string" }],
  returns: "string",
  doc: "A value of an ini file in one text: file [section] key.",
  examples: [['GetIni("/no/such/file [s] k")', ""]],
  run: (_context, place) => {
    const [, file = "", section = "", key = ""] = /^(.*)\[([^\]]*)\](.*)$/.exec(place) ?? [];
    try {
      const ini = new IniFile(readLines(trim(file), "system"));
      return ini.value(section, trim(key)) ?? "";
    } catch {
      return ""; // no such file
    }
  },
});

export const md5sumFromFile = builtin({
  name: "md5sumFromFile",
  parameters: [{ name: "file", type: "string" }],
  returns: "string",
  doc: "The MD5 sum of a file in lower case.",
  examples: [['md5sumFromFile("/no/such/file")', ""]],
  run: (context, file) => hashFile(context, file, "md5"),
});

/** Names of the language and of the crypto library. The other algorithms of the original are not available here. */
const algorithms: Readonly<Record<string, string>> = {
  MD5: "md5",
  SHA1: "sha1",
  SHA2_244: "sha224",
  SHA2_256: "sha256",
  SHA2_384: "sha384",
  SHA2_512: "sha512",
  SHA2_512_224: "sha512-224",
  SHA2_512_256: "sha512-256",
  SHA3_224: "sha3-224",
  SHA3_256: "sha3-256",
  SHA3_384: "sha3-384",
  SHA3_512: "sha3-512",
  RIPEMD160: "ripemd160",
  Blake2B: "blake2b512",
  Blake2S: "blake2s256",
  Shake_128: "shake128",
  Shake_256: "shake256",
};

export const hashFromFile = builtin({
  name: "hashFromFile",
  parameters: [
    { name: "file", type: "string" },
    { name: "algorithm", type: "string" },
  ],
  returns: "string",
  doc: "A hash of a file in upper case; the name of the algorithm must be written exactly.",
  examples: [['hashFromFile("/etc/hosts","sha1")', ""]],
  run: (context, file, algorithm) => {
    const name = algorithms[algorithm];
    if (name !== undefined) return hashFile(context, file, name).toUpperCase();
    context.log.write(level.error, `hashFromFile: unknown algorithm ${algorithm}`);
    return "";
  },
});

function hashFile(context: Context, file: string, algorithm: string): string {
  try {
    return withFile(toText(expandPath(file)), "r", (opened) => {
      const hash = createHash(algorithm);
      for (const block of blocksOf(opened)) hash.update(block);
      return hash.digest("hex");
    });
  } catch (error) {
    context.log.write(level.error, `${file}: ${reasonOf(error)}`);
    return "";
  }
}
