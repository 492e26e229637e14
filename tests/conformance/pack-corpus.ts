import { createReadStream, createWriteStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";
import { pack } from "tar-stream";

/** `node tests/conformance/pack-corpus.ts SOURCE tests/corpus/NAME.tar.zst`: copies recorded cases into the project. */
const [source, target] = process.argv.slice(2);
if (!source || !target) throw new Error("usage: pack-corpus.ts SOURCE TARGET");

const archive = pack();
const written = pipeline(
  archive,
  createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_windowLog]: 25 } }),
  createWriteStream(target),
);
const entries = await readdir(source, { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
for (const path of files.sort()) {
  const { size } = await stat(path);
  const entry = archive.entry({ name: relative(source, path), size, mode: 0o644 });
  await pipeline(createReadStream(path), entry);
}
archive.finalize();
await written;
