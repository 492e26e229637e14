import { createReadStream } from "node:fs";
import type { HardwareTypes } from "@opsi-ts/model";
import { OpsiError } from "@opsi-ts/model";
import { connect } from "../backends/sql/mysql/connect.ts";
import { mysql } from "../backends/sql/mysql/mysql-dialect.ts";
import type { MySqlSettings } from "../backends/sql/mysql/mysql-settings.ts";
import { MySqlStorage } from "../backends/sql/mysql/mysql-storage.ts";
import type { BackupDocument } from "./document.ts";
import { readObjects } from "./site-objects.ts";

/** Characters of one statement: the server would not take more. */
const statementLimit = 64 << 20;

/**
 * What mysqldump writes about tables and rows. Whatever else stands in a file is not for a database of ours: a table of
 * another database, like that of the site, or the password of a user.
 */
const known = [
  /^INSERT (IGNORE )?INTO `\w+` (\([^)]*\) )?VALUES\s/i,
  /^DROP TABLE IF EXISTS `\w+`$/i,
  /^CREATE TABLE `\w+` \(/i,
  /^LOCK TABLES `\w+` (READ|WRITE)$/i,
  /^ALTER TABLE `\w+` (DISABLE|ENABLE) KEYS$/i,
  /^UNLOCK TABLES$/i,
  /^SET (?![\s\S]*\b(GLOBAL|PERSIST|PERSIST_ONLY|PASSWORD|ROLE)\b)/i,
];

/**
 * All objects in a dump of a database of opsi, brought up to date: it is loaded into a database of its own beside that
 * of the site, which is dropped again. One that an interrupted call left is replaced.
 *
 * @param settings the user must be allowed to create and drop this database
 * @throws ValueError for statements that no dump has; errors of the database
 */
export async function readDump(
  path: string,
  settings: MySqlSettings,
  types: HardwareTypes,
): Promise<BackupDocument["objects"]> {
  const database = `${settings.database.slice(0, 56)}_restore`;
  const connection = await connect(settings, null);
  const dropped = `DROP DATABASE IF EXISTS ${mysql.quote(database)}`;
  try {
    await connection.execute(dropped);
    await connection.execute(`CREATE DATABASE ${mysql.quote(database)}`);
    try {
      await connection.execute(`USE ${mysql.quote(database)}`);
      await connection.execute("SET foreign_key_checks = 0"); // tables stand in the order of their names
      for await (const statement of statementsOf(path)) await connection.execute(statement);
      await using storage = await MySqlStorage.open({ ...settings, database }, types);
      return await readObjects(storage);
    } finally {
      await connection.execute(dropped);
    }
  } finally {
    await connection.close();
  }
}

/**
 * Line ends in values are escaped, so a line that ends with a semicolon ends a statement.
 *
 * @throws ValueError for statements that no dump has
 */
export async function* statementsOf(path: string): AsyncGenerator<string> {
  let statement = "";
  let number = 0;
  for await (const line of linesOf(path)) {
    number++;
    if (statement === "" && /^(\s*|--.*|\/\*.*\*\/\s*)$/.test(line)) continue;
    statement += `${line}\n`;
    if (statement.length > statementLimit) throw notOne(path, number, "a statement is too long");
    if (!/;\s*$/.test(line)) continue;
    const text = statement.trim().slice(0, -1);
    statement = "";
    const inside = /^\/\*!\d* ?([\s\S]*?)\s*\*\/$/.exec(text)?.[1] ?? text;
    if (inside === "" || /^\/\*[^!]/.test(inside)) continue;
    if (!known.some((pattern) => pattern.test(inside))) {
      throw notOne(path, number, `'${inside.slice(0, 40)}…' is not expected in the dump of a database`);
    }
    yield text;
  }
  if (statement.trim() !== "") throw notOne(path, number, "it ends within a statement");
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 })) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > statementLimit) throw notOne(path, 0, "a line is too long");
    yield* lines;
  }
  if (rest !== "") yield rest;
}

const notOne = (path: string, line: number, reason: string) =>
  new OpsiError("ValueError", `Line ${line} of the dump ${path.replace(/^.*\//, "")}: ${reason}`);
