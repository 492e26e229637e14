import { expect, test } from "vitest";
import { raw } from "../fragment.ts";
import { connect } from "./connect.ts";
import { copyDatabase } from "./copy-database.ts";
import { TestMariaDb } from "./test-mariadb.ts";

test("a copy that fails leaves nothing on the server", async () => {
  await using server = await TestMariaDb.start();
  const settings = server.newDatabase();
  const connection = await connect(settings, null);
  await connection.execute(`CREATE DATABASE "${settings.database}"`);
  // What a table calculates itself cannot be inserted.
  await connection.execute(`CREATE TABLE "${settings.database}"."X" ("a" int, "b" int AS ("a" + 1))`);
  await connection.execute(`INSERT INTO "${settings.database}"."X" ("a") VALUES (1)`);
  await expect(copyDatabase(settings)).rejects.toMatchObject({ class: "BackendUnableToConnectError" });
  expect(await connection.rows(raw("SHOW DATABASES LIKE '%copied'"))).toEqual([]);
  await connection.close();
});
