import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { statementsOf } from "./mysql-dump.ts";

async function statementsIn(dump: string): Promise<string[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "mysql-dump-"));
  const path = join(folder.path, "database.sql");
  await writeFile(path, dump);
  return await Array.fromAsync(statementsOf(path));
}

test("a dump is read statement by statement", async () => {
  const statements = [
    "/*!40103 SET TIME_ZONE='+00:00' */",
    "DROP TABLE IF EXISTS `HOST`",
    "CREATE TABLE `HOST` (\n  `hostId` varchar(255) NOT NULL\n) ENGINE=InnoDB",
    "LOCK TABLES `HOST` WRITE",
    "/*!40000 ALTER TABLE `HOST` DISABLE KEYS */",
    "INSERT INTO `HOST` VALUES ('a.b.c')",
    "UNLOCK TABLES",
  ];
  const dump = `-- MySQL dump\n\n${statements.map((one) => `${one};\n`).join("")}`;
  expect(await statementsIn(dump)).toEqual(statements);
});

test.each([
  "DROP TABLE IF EXISTS `opsi`.`HOST`",
  "DROP TABLE IF EXISTS `HOST`, `opsi`.`HOST`",
  "CREATE TABLE `opsi`.`HOST` (`hostId` int)",
  "/*!40000 DROP TABLE IF EXISTS `HOST`, `opsi`.`HOST` */",
  "SET @a = 1,\n  GLOBAL general_log = 1",
  "SET PERSIST_ONLY general_log = 1",
  "SET PASSWORD = 'other'",
])("a dump touches nothing but its own tables: %s", async (statement) => {
  await expect(statementsIn(`${statement};\n`)).rejects.toThrow("is not expected in the dump of a database");
});
