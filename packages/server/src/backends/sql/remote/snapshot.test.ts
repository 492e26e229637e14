import { defaultHardwareTypes, familyOf, type OpsiError } from "@opsi-ts/model";
import { expect, test } from "vitest";
import { mysql } from "../mysql/mysql-dialect.ts";
import { Connection, type Driver, type Row } from "./connection.ts";
import { Database } from "./database.ts";
import { RemoteTables } from "./remote-tables.ts";
import { RemoteSnapshot } from "./snapshot.ts";

/** A database whose tables have more rows than anybody takes at once. */
function fullDatabase(): Driver {
  const row = Array<null>(100).fill(null);
  let hangUp: (error: unknown) => void = () => {};
  return {
    connect: async () => {},
    control: async () => {},
    each: (_statement, take: (row: Row) => void) => {
      for (let count = 0; count < 5000; count++) take(row);
      return new Promise((_resolve, reject) => {
        hangUp = reject;
      });
    },
    change: async () => 0,
    changeAll: async () => {},
    pause: () => {},
    resume: () => {},
    end: async () => {},
    destroy: () => hangUp(new Error("destroyed")),
    failure: (error) => error,
  };
}

test("who does not want the rest of a snapshot neither says that the database is lost nor begins again", async () => {
  let connections = 0;
  const lost: OpsiError[] = [];
  const connect = () => {
    connections++;
    return Connection.open(fullDatabase(), []);
  };
  await using database = new Database(connect, 2, (reason) => lost.push(reason));
  {
    await using snapshot = new RemoteSnapshot(database, new RemoteTables(mysql, defaultHardwareTypes));
    for await (const portion of snapshot.read(familyOf("host"))) {
      expect(portion).toHaveLength(5000);
      break;
    }
  }
  expect({ connections, lost }).toEqual({ connections: 1, lost: [] });
});
