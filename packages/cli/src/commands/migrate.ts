import { command } from "../command.ts";
import { runReportingProgram } from "../terminal/run-reporting-program.ts";

export default command({
  name: "migrate",
  doc: "Take over a server of the original opsi, or a backup of one.",
  details:
    "Takes configuration, host keys, passwords, certificates, objects and depot from the root folder of an original " +
    "installation (4.2 or 4.3) or from a backup, into the root folder of this service, which must be stopped. The original is not " +
    "changed. Objects stay in their database or files, or are converted with --to. A second run changes nothing; " +
    "one that was interrupted goes on. The password of an encrypted backup is in OPSI_BACKUP_PASSWORD.",
  examples: [
    "opsi migrate --from /mnt/old-root --dry-run",
    "opsi migrate --from /mnt/old-root --to sqlite --workbench --logs",
    "opsi migrate --from opsiconfd-backup.msgpack.lz4 --root /srv/opsi",
  ],
  options: {
    from: {
      flags: "--from <root>",
      doc: "root folder of the original, or a file with a backup",
      complete: "folder",
      fallback: "/",
    },
    to: { flags: "--to <storage>", doc: "convert the objects: sqlite, mysql, postgresql or file" },
    hostId: { flags: "--host-id <id>", doc: "which of several depots is the config server" },
    losses: { flags: "--accept-losses", doc: "convert though the storage cannot keep everything" },
    workbench: { flags: "--workbench", doc: "take the sources of packages, too" },
    logs: { flags: "--logs", doc: "take the logs of clients, too" },
  },
  run(context, { from, to, hostId, ...given }) {
    const { root } = context.globals;
    const texts = { from: context.path(from), root: root && context.path(root), to, "host-id": hostId };
    const flags = {
      "accept-losses": given.losses,
      workbench: given.workbench,
      logs: given.logs,
      "dry-run": context.dryRun,
    };
    const words = [
      ...Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [`--${name}=${text}`])),
      ...Object.entries(flags).flatMap(([name, isSet]) => (isSet ? [`--${name}`] : [])),
    ];
    return runReportingProgram("server/src/migrate/main.ts", words, context);
  },
});
