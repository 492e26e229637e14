import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { rows } from "../answer/answer.ts";
import { backupPassword, backupPasswordOption } from "../backup/backup-password.ts";
import { command } from "../command.ts";
import { formatBytes } from "../terminal/progress.ts";

export default command({
  name: "backup restore",
  doc: "Put a backup in the place of all objects that there are.",
  details:
    "The whole backup is looked at first; then all of it is done or nothing. It must be of this server; with " +
    "--take-over that of another one becomes this one. With --configuration the configuration files are put back, too; " +
    "start the server again after that. Backups of opsi 4.3 and archives of opsi-backup of 4.2 can be restored.",
  examples: [
    "opsi backup restore opsi-backup.msgpack.lz4 --yes",
    "opsi backup restore old-server.msgpack.lz4 --take-over --dry-run",
  ],
  options: {
    configuration: { flags: "--configuration", doc: "put the configuration files back, too" },
    takeOver: { flags: "--take-over", doc: "the backup is of another server, which this one becomes" },
    skipInvalid: {
      flags: "--skip-invalid",
      doc: "leave objects out that are not valid; opsi backup verify names them",
    },
    ...backupPasswordOption,
  },
  arguments: { file: { flags: "<file>", doc: "the backup", complete: "file" } },
  async run(context, { file, configuration, takeOver, skipInvalid, backupPasswordFile }) {
    const source = context.path(file);
    const { size } = await stat(source);
    const password = await backupPassword(context, backupPasswordFile);
    if (!context.dryRun && !(await context.confirm("Replace all objects of the site?"))) return undefined;
    if (!context.mayChange(`put ${source} in the place of all objects`)) return undefined;
    const service = await context.service();
    const { signal } = context;
    using sending = context.progress("Sending the backup", { total: size, format: formatBytes });
    const response = await service.request("POST", "/file-transfer/raw", {
      headers: { "content-type": "binary/octet-stream", "content-length": String(size) },
      body: () => Readable.from(readCounted(source, sending.update), { objectMode: false }),
      signal,
    });
    const stored = JSON.parse(Buffer.from(await response.bytes(10_000)).toString()) as { file_id: string };
    sending.finish();
    using progress = context.progress("Restoring the backup", { total: null });
    const params = [stored.file_id, configuration, false, takeOver ? "local" : "backup", password, !skipInvalid];
    try {
      await service.call("service_restoreBackup", params, { signal, timeoutMilliseconds: 3_600_000 });
    } finally {
      await service.remove(`/file-transfer/${stored.file_id}`).catch(() => undefined); // a restore that worked has done it
    }
    progress.finish();
    return rows([{ file: source, restored: true }], ["file", "restored"]);
  },
});

async function* readCounted(file: string, onSent: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Uint8Array>) {
    yield chunk;
    sent += chunk.length;
    onSent(sent);
  }
}
