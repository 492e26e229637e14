import { familyOf } from "@opsi-ts/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestMariaDb } from "../sql/mysql/test-mariadb.ts";
import { TestPostgresql } from "../sql/postgresql/test-postgresql.ts";
import { counts, fill, object, pc1, same, software } from "./test-objects.ts";
import { TestSite } from "./test-site.ts";

/** As 4.2 was shipped. */
const shipped = `backend_.* : file, mysql, opsipxeconfd
host_.* : file, opsipxeconfd
productOnClient_.* : file, opsipxeconfd
configState_.* : file, opsipxeconfd
license.* : mysql
softwareLicense.* : mysql
audit.* : mysql
.* : file
`;

let server: TestMariaDb;
beforeAll(async () => {
  server = await TestMariaDb.start();
});
afterAll(() => server[Symbol.asyncDispose]());

// As the original's database of a mixed site: no row of a host, no foreign keys to hosts.
const classic = `
CREATE TABLE SOFTWARE (name varchar(100) NOT NULL, version varchar(100) NOT NULL, subVersion varchar(100) NOT NULL,
  language varchar(10) NOT NULL, architecture varchar(3) NOT NULL, windowsSoftwareId varchar(100), windowsDisplayName varchar(100),
  windowsDisplayVersion varchar(100), type varchar(30) NOT NULL, installSize bigint,
  PRIMARY KEY (name, version, subVersion, language, architecture)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE SOFTWARE_CONFIG (config_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, clientId varchar(255) NOT NULL,
  name varchar(100) NOT NULL, version varchar(100) NOT NULL, subVersion varchar(100) NOT NULL, language varchar(10) NOT NULL,
  architecture varchar(3) NOT NULL, uninstallString varchar(200), binaryName varchar(100), firstseen timestamp NULL,
  lastseen timestamp NULL, state tinyint NOT NULL DEFAULT 1, usageFrequency int NOT NULL DEFAULT -1, lastUsed timestamp NULL,
  licenseKey varchar(1024)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
INSERT INTO SOFTWARE VALUES ('editor', '1', '', '', 'x64', NULL, NULL, NULL, 'AuditSoftware', NULL);
INSERT INTO SOFTWARE_CONFIG (clientId, name, version, subVersion, language, architecture) VALUES
  ('${pc1}', 'editor', '1', '', '', 'x64'), ('gone.example.org', 'editor', '1', '', '', 'x64');
`;

test("a site of 4.2 with its inventory in MySQL keeps it", async () => {
  const settings = server.newDatabase();
  await server.execute(settings.database, classic);
  await using site = await TestSite.create(shipped, settings);
  {
    await using files = await site.openOne("file");
    await files.write(familyOf("host"), [object("OpsiClient", { id: pc1 })], "insert");
  }
  for (let start = 0; start < 2; start++) {
    await using storage = await site.open();
    expect(await storage.read(familyOf("auditSoftwareOnClient"))).toMatchObject([{ clientId: pc1, ...software }]);
    expect(await storage.count(familyOf("host"))).toBe(1);
  }
  expect(site.problems).toEqual([]);
});

test("hosts in PostgreSQL, what belongs to them in MariaDB, and the other way round", async () => {
  await using postgresql = await TestPostgresql.start();
  for (const dispatch of ["host_.* : postgresql\n.* : mysql\n", "host_.* : mysql\n.* : postgresql\n"]) {
    await using site = await TestSite.create(dispatch, server.newDatabase());
    const settings = { ...postgresql.newDatabase(), tls: undefined };
    await site.write("postgresql.conf", `module = 'PostgreSQL'\nconfig = ${JSON.stringify(settings)}\n`);
    {
      await using storage = await site.open();
      await fill(storage);
    }
    await using storage = await site.open();
    expect(await counts(storage)).toEqual(same(1));
    // Both change the same at once: whichever database rolls back, all of it is done again.
    const notes = ["a", "b", "c", "d"].map((text) =>
      storage.transaction(async (store) => {
        const [host] = await store.read(familyOf("host"), { filter: { id: pc1 } });
        if (!host) throw new Error(pc1);
        await store.write(familyOf("host"), [{ ...host, notes: `${host["notes"]}${text}` }], "insert");
      }),
    );
    await Promise.all(notes);
    expect(await storage.read(familyOf("host"), { filter: { id: pc1 } })).toMatchObject([{ notes: "abcd" }]);
    await storage.remove(familyOf("host"), [{ id: pc1 }]);
    expect(await counts(storage)).toEqual(same(0));
  }
});
