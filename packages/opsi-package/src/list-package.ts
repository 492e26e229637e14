import { createHash } from "node:crypto";
import type { Compression } from "./archive/compression.ts";
import type { Member } from "./archive/member.ts";
import { type OpenPackageOptions, PackageFile } from "./package-file.ts";

export interface ListedMember extends Member {
  /** Of files. */
  readonly sha256: string | null;
}

export interface ListedArchive {
  readonly name: string;
  readonly compression: Compression;
  readonly members: readonly ListedMember[];
}

/** All archives of a package and their members with checksums: what two packages are compared by. Writes nothing. */
export async function listPackage(path: string, options: OpenPackageOptions = {}): Promise<ListedArchive[]> {
  await using file = await PackageFile.open(path, options);
  const archives: ListedArchive[] = [];
  for (const archive of file.archives) {
    const members: ListedMember[] = [];
    await file.eachMember(
      archive,
      async (member, reader) => {
        const sha256 = createHash("sha256");
        for (let part = await reader.readContent(); part !== null; part = await reader.readContent())
          sha256.update(part);
        members.push({ ...member, sha256: member.type === "file" ? sha256.digest("hex") : null });
      },
      { signal: options.signal },
    );
    archives.push({ name: archive.name, compression: archive.compression, members });
  }
  return archives;
}
