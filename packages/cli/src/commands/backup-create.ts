import { existsSync } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import { rows } from "../answer/answer.ts";
import { backupPassword, backupPasswordOption } from "../backup/backup-password.ts";
import { command } from "../command.ts";
import { formatBytes } from "../terminal/progress.ts";
import { UsageError } from "../usage-error.ts";

export default command({
  name: "backup create",
  doc: "Write all objects and the configuration of a site to one file.",
  details:
    "All objects are as they were at one moment, also while others change them; with --maintenance the service answers " +
    "only you meanwhile. Packages and logs are not in it, but keys and passwords are: only you can read the file.",
  examples: [
    "opsi backup create opsi-backup.msgpack.lz4",
    "opsi backup create night.msgpack.lz4.aes --backup-password-file /root/backup.secret",
  ],
  options: {
    objectsOnly: { flags: "--objects-only", doc: "without configuration files and certificates" },
    maintenance: { flags: "--maintenance", doc: "switch to maintenance meanwhile, so that nobody changes anything" },
    ...backupPasswordOption,
  },
  arguments: { file: { flags: "<file>", doc: "where to; it must not exist yet", complete: "file" } },
  async run(context, { file, objectsOnly, maintenance, backupPasswordFile }) {
    const target = context.path(file);
    if (existsSync(target)) throw new UsageError(`${file} exists already`);
    const password = await backupPassword(context, backupPasswordFile);
    if (!context.mayChange(`make a backup and write it to ${target}`)) return undefined;
    const service = await context.service();
    const { signal } = context;
    using progress = context.progress("Making the backup", { total: null, format: formatBytes });
    const params = [!objectsOnly, false, maintenance, password, "file_id"];
    const id = await service.call<string>("service_createBackup", params, { signal, timeoutMilliseconds: 3_600_000 });
    const path = `/file-transfer/${id}`;
    const partFile = `${target}.part`;
    await rm(partFile, { force: true });
    await writeFile(partFile, "", { mode: 0o600, flag: "wx" }); // all keys and passwords of the site
    try {
      await service.download(path, target, { signal, onProgress: progress.update });
    } catch (error) {
      for (const left of [partFile, `${partFile}.etag`]) await rm(left, { force: true });
      throw error;
    }
    await service.remove(path).catch(() => undefined); // the service removes it by itself after a day
    progress.finish();
    return rows(
      [{ file: target, bytes: (await stat(target)).size, encrypted: password !== null }],
      ["file", "bytes", "encrypted"],
    );
  },
});
