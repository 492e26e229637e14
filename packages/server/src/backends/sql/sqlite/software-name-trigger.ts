/**
 * Where the spelling of a program's name changes, that of the clients' entries follows. SQLite cascades only what
 * compares as different, and keys compare without case; the other databases do it by themselves. (objects 2.22)
 */
export const softwareNameTrigger = `CREATE TRIGGER IF NOT EXISTS "SOFTWARE_name" AFTER UPDATE OF "name" ON "SOFTWARE"
WHEN OLD."name" COLLATE BINARY <> NEW."name"
BEGIN
  UPDATE "SOFTWARE_CONFIG" SET "name" = NEW."name"
  WHERE "name" = OLD."name" AND "version" = NEW."version" AND "subVersion" = NEW."subVersion"
    AND "language" = NEW."language" AND "architecture" = NEW."architecture";
END`;
