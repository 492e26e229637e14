import { backupPasswordOption } from "../backup/backup-password.ts";
import { command } from "../command.ts";
import { runReportingProgram } from "../terminal/run-reporting-program.ts";

export default command({
  name: "backup verify",
  doc: "Read a backup as a restore does, and say what is in it and what is wrong.",
  details:
    "No service is needed; --root names the site whose hardware classes and mysql.conf count. Every object is checked, " +
    "and whether those that it refers to are there; then a copy is restored into a database that is thrown away. Backups " +
    "of opsi 4.3 and archives of opsi-backup of 4.2 can be read; a dump of MySQL in one of these is loaded into a " +
    "database of its own on the server that mysql.conf names.",
  examples: [
    "opsi backup verify opsi-backup.msgpack.lz4",
    "opsi backup verify opsi_4.2_2024-01-31.tar.bz2 --output json",
  ],
  options: backupPasswordOption,
  arguments: { file: { flags: "<file>", doc: "the backup", complete: "file" } },
  run(context, { file, backupPasswordFile }) {
    const words = [context.path(file)];
    const { root } = context.globals;
    if (root !== undefined) words.push(`--root=${context.path(root)}`);
    if (backupPasswordFile !== undefined) words.push(`--password-file=${context.path(backupPasswordFile)}`);
    return runReportingProgram("server/src/verify-backup.ts", words, context);
  },
});
