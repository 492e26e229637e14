import { open } from "node:fs/promises";
import { StreamSource } from "./archive/byte-source.ts";
import { detectCompression, readDecompressed } from "./archive/compression.ts";
import type { Member } from "./archive/member.ts";
import { TarReader } from "./archive/tar-reader.ts";

export interface ArchiveMember extends Member {
  /** Its content in pieces, which are valid until the next one. What is not read is skipped. */
  content(): AsyncGenerator<Uint8Array>;
}

/**
 * The members of a tar archive one after the other; it may be compressed with gzip, bzip2 or zstd. Names are as they
 * stand in it: they may lead anywhere.
 *
 *     for await (const member of readArchive("site.tar.bz2")) console.log(member.name);
 *
 * @throws PackageError `damaged`, `unsupported`, and `hostile` for a decompression bomb
 */
export async function* readArchive(path: string, signal?: AbortSignal): AsyncGenerator<ArchiveMember> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const reader = new TarReader(
    new StreamSource(readDecompressed(file, { start: 0, size }, detectCompression(buffer), signal)),
  );
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let part = await reader.readContent(); part !== null; part = await reader.readContent()) yield part;
  }
  for (let member = await reader.next(); member !== null; member = await reader.next()) yield { ...member, content };
}
