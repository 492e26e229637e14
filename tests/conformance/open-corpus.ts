import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createZstdDecompress } from "node:zlib";
import { extract } from "tar-stream";

export interface Corpus extends AsyncDisposable {
  /** A temporary folder with the recorded cases. */
  readonly directory: string;
}

/** Unpacks `tests/corpus/NAME.tar.zst`; the folder is removed on disposal. */
export async function openCorpus(name: string): Promise<Corpus> {
  const directory = await mkdtemp(join(tmpdir(), `corpus-${name}-`));
  const remove = () => rm(directory, { recursive: true, force: true });
  const archive = extract();
  const source = join(import.meta.dirname, "../corpus", `${name}.tar.zst`);
  const decompress = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 25 } });
  const reading = pipeline(createReadStream(source), decompress, archive);
  try {
    for await (const entry of archive) {
      const path = join(directory, entry.header.name);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(entry, createWriteStream(path));
    }
    await reading;
  } catch (error) {
    await remove();
    throw error;
  }
  return { directory, [Symbol.asyncDispose]: remove };
}
