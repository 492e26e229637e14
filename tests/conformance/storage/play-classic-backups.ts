import { dirname, join } from "node:path";
import { defaultHardwareTypes } from "@opsi-ts/model";
import { FileStorage } from "../../../packages/server/src/backends/file/file-storage.ts";
import { ClassicBackup } from "../../../packages/server/src/backup/classic-backup.ts";
import { readDump } from "../../../packages/server/src/backup/mysql-dump.ts";
import { readBackup } from "../../../packages/server/src/backup/read-backup.ts";
import { readObjects } from "../../../packages/server/src/backup/site-objects.ts";
import { Comparison } from "../packages/compare.ts";
import { withoutLoss } from "./play-databases.ts";
import { inService } from "./play-file-backend.ts";
import type { Stage } from "./player.ts";
import { compareObjects, type RecordedObjects } from "./recorded-objects.ts";
import { readJson } from "./recordings.ts";

interface RecordedArchive {
  readonly sysinfo: string;
  readonly checksumsOk: boolean;
  readonly members: readonly {
    readonly name: string;
    readonly type: "file" | "dir" | "symlink";
    readonly mode: string;
    readonly size?: number;
    readonly sha1?: string;
    readonly target?: string;
  }[];
}

/** Takes over what opsi-backup of 4.2 wrote. */
export async function playClassicBackups(stage: Stage): Promise<void> {
  const expectations = await stage.recordings.find("backup/classic/expected.json");
  if (!expectations) return;
  for (const [name, recorded] of Object.entries(await readJson<Record<string, RecordedArchive>>(expectations))) {
    const comparison = new Comparison(stage.tally, `backup/classic/${name}`);
    await comparison.step("read", () => playArchive(comparison, join(dirname(expectations), name), recorded, stage));
  }
}

async function playArchive(
  comparison: Comparison,
  path: string,
  recorded: RecordedArchive,
  stage: Stage,
): Promise<void> {
  if (!recorded.checksumsOk) {
    await comparison.step("refused", async () => {
      const opened = await ClassicBackup.open(path).then(
        () => "opened",
        (error: { class?: string }) => error.class,
      );
      comparison.equal("refused", "ValueError", opened);
    });
    return;
  }
  await using backup = await ClassicBackup.open(path);
  const sysinfo = [...backup.sysinfo].map(([key, value]) => `${key}: ${value}\n`).join("");
  comparison.equal("sysinfo", recorded.sysinfo, sysinfo);
  const types = { directory: "dir", file: "file", symlink: "symlink" } as Readonly<Record<string, string>>;
  comparison.equal(
    "members",
    recorded.members.map(({ name, type, mode, size = 0, sha1 = null, target = "" }) => ({
      name,
      type,
      mode,
      size,
      sha1,
      target,
    })),
    backup.members.map(({ name, type, mode, size, sha1, target }) => ({
      ...{ name, type: types[type], mode: mode.toString(8).padStart(4, "0"), size, sha1, target },
    })),
  );
  const configserverId = backup.sysinfo.get("fqdn") ?? "";
  if (backup.files) {
    const { folder, hostKeys } = backup.files;
    const problems: string[] = [];
    await using storage = await FileStorage.open(folder, {
      ...{ configserverId, hostKeys },
      onProblem: ({ message }) => problems.push(message),
    });
    const site = await readJson<RecordedObjects>(await stage.recordings.need("file-backend/site.json.gz"));
    compareObjects(comparison, "files", site, await readObjects(storage), inService);
    comparison.equal("problems", [], problems);
  }
  const mysql = backup.dump === null ? null : (await stage.databases.mariaDb()).newDatabase();
  const { document, problems } = await readBackup(path, { types: defaultHardwareTypes, password: null, mysql });
  if (backup.dump !== null && mysql !== null) {
    const [before, after] = [
      await readJson<RecordedObjects>(await stage.recordings.need("mysql-4.2/before.json.gz")),
      await readJson<RecordedObjects>(await stage.recordings.need("mysql-4.2/after.json.gz")),
    ];
    // Beside files it does not have all objects of the document.
    const found = backup.files ? await readDump(backup.dump, mysql, defaultHardwareTypes) : document.objects;
    compareObjects(comparison, "dump", withoutLoss(before, after), found);
  }
  comparison.equal("server", configserverId, document.meta.server_id);
  comparison.equal("document problems", [], problems);
  const hasObjects = backup.files !== null || backup.dump !== null;
  comparison.holds("document objects", (document.objects["Host"]?.length ?? 0) > 0 === hasObjects, "hosts are missing");
}
