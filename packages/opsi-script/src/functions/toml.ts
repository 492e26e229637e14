import { writeFileSync } from "node:fs";
import { readText } from "../files/file-content.ts";
import { expandPath } from "../files/file-paths.ts";
import { reasonOf } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { splitLines, toBytes, toText, trim } from "../text/bytes.ts";
import { builtin } from "./builtin.ts";
import { writeIndented } from "./json-value.ts";
import {
  findValue,
  holderOf,
  isTable,
  parseToml,
  parseValueText,
  type TomlTable,
  toJson,
  writeToml,
  writeValue,
} from "./toml-document.ts";

function readToml(context: Context, file: string): string | null {
  try {
    return readText(file, "utf8");
  } catch (error) {
    context.log.write(level.error, `${file}: ${reasonOf(error)}`);
    return null;
  }
}

const document = (toml: string) => parseToml(toText(toml));
const lines = (table: TomlTable) => writeToml(table).map(toBytes);
const text = [{ name: "toml", type: "string" }] as const;
const file = [{ name: "file", type: "string" }] as const;
const textAndTable = [
  { name: "toml", type: "string" },
  { name: "table", type: "string" },
] as const;

export const readTOMLFile = builtin({
  name: "ReadTOMLFile",
  parameters: file,
  returns: "string",
  doc: "The content of a TOML file as one text.",
  examples: [['ReadTOMLFile("/no/such/file")', ""]],
  run: (context, path) => readToml(context, path) ?? "",
});

export const loadTOMLFile = builtin({
  name: "LoadTOMLFile",
  parameters: file,
  returns: "list",
  doc: "The lines of a TOML file.",
  examples: [['LoadTOMLFile("/no/such/file")', []]],
  run: (context, path) => splitLines(readToml(context, path) ?? ""),
});

export const getTOMLAsStringList = builtin({
  name: "GetTOMLAsStringList",
  parameters: text,
  returns: "list",
  doc: "The document, read and written again, as lines.",
  examples: [['GetTOMLAsStringList("a=1")', ["a = 1"]]],
  run: (_context, toml) => lines(document(toml) ?? {}),
});

export const getTOMLAsString = builtin({
  name: "GetTOMLAsString",
  parameters: text,
  returns: "string",
  doc: "The document, read and written again.",
  examples: [['GetTOMLAsString("a=[1,2]")', "a = [ 1, 2 ]"]],
  run: (_context, toml) => lines(document(toml) ?? {}).join("\n"),
});

export const getTOMLKeys = builtin({
  name: "GetTOMLKeys",
  parameters: text,
  returns: "list",
  doc: "Names of the entries and tables of the root level.",
  examples: [['GetTOMLKeys("a = 1")', ["a"]]],
  run: (_context, toml) => {
    const table = document(toml);
    // the original keeps the key at which it gave up reading
    return table
      ? Object.keys(table).map(toBytes)
      : toml
          .split(/[=[\n]/, 1)
          .map(trim)
          .filter((key) => key !== "");
  },
});

export const getTOMLTableNames = builtin({
  name: "GetTOMLTableNames",
  parameters: text,
  returns: "list",
  doc: "Names of the tables of the root level.",
  examples: [["GetTOMLTableNames('t = {a = 1}')", ["t"]]],
  run: (_context, toml) =>
    Object.entries(document(toml) ?? {})
      .filter(([, value]) => isTable(value))
      .map(([key]) => toBytes(key)),
});

function tableLines(toml: string, name: string): string[] {
  const key = toText(name);
  const table = document(toml)?.[key];
  return isTable(table) ? lines({ [key]: table }) : [];
}

export const getTOMLTable = builtin({
  name: "GetTOMLTable",
  parameters: textAndTable,
  returns: "list",
  doc: "One table of the root level with its header, as lines.",
  examples: [["GetTOMLTable('t = {a = 1}', \"t\")", ["[t]", "a = 1"]]],
  run: (_context, toml, name) => tableLines(toml, name),
});

export const getTOMLTableAsString = builtin({
  name: "GetTOMLTableAsString",
  parameters: textAndTable,
  returns: "string",
  doc: "One table of the root level with its header.",
  examples: [["GetTOMLTableAsString('t = {a = 1}', \"t\")", "[t]\na = 1"]],
  run: (_context, toml, name) => tableLines(toml, name).join("\n"),
});

export const getValueFromTOML = builtin({
  name: "GetValueFromTOML",
  parameters: [
    { name: "toml", type: "string" },
    { name: "path", type: "string" },
    { name: "default", type: "string" },
  ],
  returns: "string",
  doc: "A value by its path, in TOML syntax: texts with quotes; the default for tables and missing values.",
  examples: [
    ['GetValueFromTOML("a = 1", "a", "-")', "1"],
    ['GetValueFromTOML(\'a = "x"\', "a", "-")', '"x"'],
    ['GetValueFromTOML("a = 1", "b", "-")', "-"],
  ],
  run: (_context, toml, path, initial) => {
    const value = findValue(document(toml) ?? {}, toText(path));
    if (value === undefined || isTable(value)) return initial;
    return typeof value === "boolean" ? (value ? "True" : "False") : toBytes(writeValue(value));
  },
});

export const modifyTOML = builtin({
  name: "ModifyTOML",
  parameters: [
    { name: "toml", type: "string" },
    { name: "command", type: "string" },
    { name: "path", type: "string" },
    { name: "value", type: "string" },
  ],
  returns: "string",
  doc: "The document after ADD (only missing), SET, CHANGE (only existing) or DEL of a value.",
  examples: [
    ['ModifyTOML("a = 1", "SET", "a", "2")', "a = 2"],
    ['ModifyTOML("a = 1", "ADD", "b.c", "true")', "a = 1\n\n[b]\nc = true"],
  ],
  run: (context, toml, command, path, valueText) => {
    const table = document(toml);
    const verb = command.trim().toUpperCase();
    if (!table || !["ADD", "SET", "CHANGE", "DEL"].includes(verb)) {
      context.log.write(level.error, `ModifyTOML: ${table ? `unknown command ${command}` : "no TOML"}`);
      return toml;
    }
    const key = toText(path);
    const exists = key !== "" && findValue(table, key) !== undefined;
    const holder = holderOf(table, key, verb === "ADD" || verb === "SET");
    if (!holder || (verb === "ADD" && exists) || (verb === "CHANGE" && !exists)) return toml;
    if (verb === "DEL") delete holder.table[holder.key];
    else {
      const value = parseValueText(toText(valueText));
      if (value === undefined) {
        context.log.write(level.error, `ModifyTOML: no value: ${valueText}`);
        return toml;
      }
      const property = { value, enumerable: true, writable: true, configurable: true };
      Object.defineProperty(holder.table, holder.key, property); // also for a key like __proto__
    }
    return lines(table).join("\n");
  },
});

export const deleteTableFromTOML = builtin({
  name: "DeleteTableFromTOML",
  parameters: textAndTable,
  returns: "string",
  doc: "The document without a table.",
  examples: [["DeleteTableFromTOML('t = {a = 1}', \"t\")", ""]],
  run: (_context, toml, path) => {
    const table = document(toml);
    const holder = table && holderOf(table, toText(path), false);
    if (!table || !holder || !isTable(holder.table[holder.key])) return toml;
    delete holder.table[holder.key];
    return lines(table).join("\n");
  },
});

export const convertTOMLtoJSON = builtin({
  name: "ConvertTOMLtoJSON",
  parameters: text,
  returns: "string",
  doc: "The document as JSON on several lines.",
  examples: [['ConvertTOMLtoJSON("a = 1")', '{\n  "a" : 1\n}']],
  run: (_context, toml) => {
    const table = document(toml);
    return table ? toBytes(writeIndented(toJson(table))) : "";
  },
});

function write(context: Context, path: string, content: string): boolean {
  try {
    writeFileSync(toText(expandPath(path)), content, "latin1");
    return true;
  } catch (error) {
    context.error(`${path}: ${reasonOf(error)}`);
    return false;
  }
}

export const saveToTOMLFile = builtin({
  name: "SaveToTOMLFile",
  parameters: [
    { name: "toml", type: "string" },
    { name: "file", type: "string" },
  ],
  returns: "boolean",
  doc: "Writes a document into a file.",
  examples: [],
  run: (context, toml, path) => write(context, path, `${toml}\n`),
});

export const convertTOMLfileToJSONfile = builtin({
  name: "ConvertTOMLfileToJSONfile",
  parameters: [
    { name: "tomlFile", type: "string" },
    { name: "jsonFile", type: "string" },
  ],
  returns: "boolean",
  doc: "Reads a TOML file and writes it as JSON. True also where there was nothing to read, as in the original.",
  examples: [],
  run: (context, source, target) => {
    const table = document(readToml(context, source) ?? "") ?? {};
    return write(context, target, `${toBytes(writeIndented(toJson(table)))}\n`);
  },
});
