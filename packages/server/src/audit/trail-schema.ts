import type { WatchedDatabase } from "../backends/sql/change-watch.ts";

type Kind = WatchedDatabase["kind"];

/** How each database says the same. */
const words: Readonly<
  Record<
    Kind,
    { number: string; text: string; moment: string; name: string; body: string; counted: string; options: string }
  >
> = {
  sqlite: {
    ...{ number: "INTEGER", text: "TEXT", moment: "TEXT", name: "TEXT", body: "BLOB" },
    ...{ counted: "INTEGER PRIMARY KEY AUTOINCREMENT", options: "" },
  },
  mysql: {
    ...{ number: "BIGINT", text: "TEXT", moment: "CHAR(24)", name: "VARCHAR(200)", body: "LONGTEXT" },
    counted: "BIGINT AUTO_INCREMENT PRIMARY KEY",
    // Hashes depend on every character.
    options: " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
  },
  postgresql: {
    ...{ number: "BIGINT", text: "TEXT", moment: "CHAR(24)", name: "VARCHAR(200)", body: "TEXT" },
    ...{ counted: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", options: "" },
  },
};

function createTable(kind: Kind, title: string, lines: readonly string[]): string {
  return `CREATE TABLE IF NOT EXISTS "${title}" (\n  ${lines.join(",\n  ")}\n)${words[kind].options}`;
}

/** What of another storage has got its place in the chain. It is made last: where it is, all is there. */
export const lastTable = {
  name: "AUDIT_TRAIL_TAKEN",
  create: (kind: Kind) => createTable(kind, "AUDIT_TRAIL_TAKEN", [`"id" ${words[kind].name} PRIMARY KEY`]),
};

/** The statements that make the other tables where they are missing. */
export function createTables(kind: Kind): string[] {
  const { number, text, moment, name, body, counted } = words[kind];
  const table = (title: string, lines: readonly string[]) => createTable(kind, title, lines);
  const statements = [
    table("AUDIT_TRAIL", [
      `"sequence" ${number} PRIMARY KEY`,
      `"time" ${moment} NOT NULL`,
      ...["user", "host", "address"].map((column) => `"${column}" ${text}`),
      ...["method", "type"].map((column) => `"${column}" ${text} NOT NULL`),
      `"changes" ${body} NOT NULL`,
      `"hash" ${text} NOT NULL`,
      ...(kind === "mysql" ? [`KEY "AUDIT_TRAIL_time" ("time")`] : []),
    ]),
    table("AUDIT_TRAIL_END", [
      `"name" ${name} PRIMARY KEY`,
      `"sequence" ${number} NOT NULL`,
      ...["hash", "seal"].map((column) => `"${column}" ${text} NOT NULL`),
    ]),
    // What was committed and has no place in the chain yet.
    table("AUDIT_TRAIL_PENDING", [`"number" ${counted}`, `"content" ${body} NOT NULL`]),
  ];
  if (kind === "mysql") return statements;
  return [...statements, `CREATE INDEX IF NOT EXISTS "index_AUDIT_TRAIL_time" ON "AUDIT_TRAIL" ("time")`];
}

const keptBehind = `coalesce((SELECT "sequence" FROM "AUDIT_TRAIL_END" WHERE "name" = 'first'), 0)`;
const noUpdate = "records of the audit trail do not change";
const noDelete = "records of the audit trail are kept";

/** What keeps those who do not know better from changing records. Who may remove it can do what he likes: that is seen. */
export const guards: Readonly<Record<Kind, readonly string[]>> = {
  sqlite: [
    `CREATE TRIGGER IF NOT EXISTS "AUDIT_TRAIL_no_update" BEFORE UPDATE ON "AUDIT_TRAIL"
BEGIN SELECT RAISE(ABORT, '${noUpdate}'); END`,
    `CREATE TRIGGER IF NOT EXISTS "AUDIT_TRAIL_no_delete" BEFORE DELETE ON "AUDIT_TRAIL"
WHEN OLD."sequence" > ${keptBehind} BEGIN SELECT RAISE(ABORT, '${noDelete}'); END`,
  ],
  mysql: [
    `CREATE TRIGGER "AUDIT_TRAIL_no_update" BEFORE UPDATE ON "AUDIT_TRAIL" FOR EACH ROW
SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${noUpdate}'`,
    `CREATE TRIGGER "AUDIT_TRAIL_no_delete" BEFORE DELETE ON "AUDIT_TRAIL" FOR EACH ROW
IF OLD."sequence" > ${keptBehind} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${noDelete}'; END IF`,
  ],
  postgresql: [
    `CREATE OR REPLACE FUNCTION "AUDIT_TRAIL_guard"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF TG_OP = 'UPDATE' THEN RAISE EXCEPTION '${noUpdate}'; END IF;
IF OLD."sequence" > ${keptBehind} THEN RAISE EXCEPTION '${noDelete}'; END IF;
RETURN OLD; END $$`,
    `CREATE OR REPLACE TRIGGER "AUDIT_TRAIL_guard" BEFORE UPDATE OR DELETE ON "AUDIT_TRAIL"
FOR EACH ROW EXECUTE FUNCTION "AUDIT_TRAIL_guard"()`,
  ],
};
