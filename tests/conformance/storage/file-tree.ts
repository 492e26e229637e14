import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { defaultHardwareTypes, families, type OpsiObject, objectTypes } from "@opsi-ts/model";
import { FileStorage } from "../../../packages/server/src/backends/file/file-storage.ts";
import type { Problem } from "../../../packages/server/src/backends/file/ini-text.ts";
import { readHostKeys, readSite } from "../../../packages/server/src/backends/file/read-site.ts";
import { readObjects } from "../../../packages/server/src/backup/site-objects.ts";
import type { RecordedObjects } from "./recorded-objects.ts";

const configserverId = "opsi.schule-am-see.example";

/** A copy of a recorded tree, or an empty one, that may be changed. */
export class FileTree implements AsyncDisposable {
  readonly root: string;
  readonly problems: Problem[] = [];

  private constructor(root: string) {
    this.root = root;
  }

  /** @param archive null for an empty tree */
  static async make(archive: string | null): Promise<FileTree> {
    const root = await mkdtemp(join(tmpdir(), "play-file-backend-"));
    if (archive) await promisify(execFile)("tar", ["-xzf", archive, "-C", root, "--no-same-owner"]);
    await mkdir(join(root, "var/lib/opsi/config"), { recursive: true });
    return new FileTree(root);
  }

  get #paths() {
    return { folder: join(this.root, "var/lib/opsi/config"), hostKeys: join(this.root, "etc/opsi/pckeys") };
  }

  open(): Promise<FileStorage> {
    const { folder, hostKeys } = this.#paths;
    return FileStorage.open(folder, { configserverId, hostKeys, onProblem: (problem) => this.problems.push(problem) });
  }

  /** What the files hold, before the service's columns leave out a part. */
  async readFiles(): Promise<RecordedObjects> {
    const objects: OpsiObject[] = [];
    const { keys, problems } = await readHostKeys(this.#paths.hostKeys);
    this.problems.push(...problems);
    const surroundings = { keys, configserverId, hardware: defaultHardwareTypes };
    for await (const { contents } of readSite(this.#paths, surroundings)) {
      this.problems.push(...contents.problems);
      objects.push(...contents.objects);
    }
    return Object.groupBy(objects, familyName) as RecordedObjects;
  }

  /** What the service says of it. */
  async readStorage(): Promise<RecordedObjects> {
    await using storage = await this.open();
    return await readObjects(storage);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Recordings name the class at the top of a family. */
function familyName({ type }: OpsiObject): string {
  const prefix = objectTypes.get(type)?.prefix;
  return families.find((family) => family.prefix === prefix)?.base.name ?? type;
}
