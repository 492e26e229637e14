import { mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RecordedCase } from "./recorded-case.ts";
import { contentBytes } from "./request-body.ts";

/** The server's folders by the names that cases have for them, below its root. */
const folders: Readonly<Record<string, string>> = {
  depot: "var/lib/opsi/depot",
  repository: "var/lib/opsi/repository",
  workbench: "var/lib/opsi/workbench",
  public: "var/lib/opsi/public",
  boot: "tftpboot",
};

/** Lays down the files of a case in the folders of its server. */
export async function layDown({ files = [] }: RecordedCase, root: string): Promise<void> {
  for (const file of files) {
    const folder = folders[file.folder];
    if (folder === undefined) throw new Error(`The case has a file in an unknown folder '${file.folder}'`);
    const path = join(root, folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    if (file.link !== undefined) {
      await symlink(file.link, path);
      continue;
    }
    if (file.directory === true) await mkdir(path, { recursive: true });
    else await writeFile(path, contentBytes(file));
    if (file.mtime !== undefined) await utimes(path, file.mtime, file.mtime);
  }
}
