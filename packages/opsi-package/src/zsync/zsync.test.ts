import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBlocks } from "./find-blocks.ts";
import { hashFile, rollingSum } from "./hash-file.ts";
import { Md4 } from "./md4.ts";
import { optimizedPlan, type Piece, plainPlan, rangeHeaders } from "./plan-download.ts";
import { type RemotePart, rebuildFile } from "./rebuild-file.ts";
import { formatZsync, parseZsync, zsyncParameters } from "./zsync-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zsync-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const counting = Uint8Array.from({ length: 2048 }, (_, index) => index);

// packages 4.8, "check values"
test("block sums", () => {
  expect(hex(new Md4(2048).digest(Buffer.alloc(2048, "x")))).toBe("f3b20ba5cf00653e13fcf03f85bd0224");
  expect(hex(new Md4(2048).digest(counting))).toBe("8e2a58bff2f5262379d292361b23e381");
  expect(rollingSum(counting, 2048) >>> 0).toBe(0xfc005400);
});

test.each([
  [1, 2048, 1, 2, 3],
  [2048, 2048, 1, 2, 4],
  [10_240, 2048, 2, 2, 3],
  [1_000_000, 2048, 2, 2, 4],
  [50_000_000, 2048, 2, 2, 5],
  [100_000_000, 4096, 2, 2, 5],
  [5_000_000_000, 4096, 2, 3, 6],
  [0, 2048, 1, 2, 3],
])("parameters of a file of %d bytes", (size, blockSize, sequence, rollingBytes, checksumBytes) => {
  expect(zsyncParameters(size)).toEqual({ blockSize, sequence, rollingBytes, checksumBytes });
});

test("a whole file", async () => {
  const path = join(folder, "sample");
  await writeFile(
    path,
    Uint8Array.from({ length: 5000 }, (_, index) => (7 * index) % 251),
  );
  const { zsync, md5 } = await hashFile(path, { withDate: false });
  expect(zsync.sha1).toBe("34ea2dea3fd4780d6c8ecadd9ef6840f797e7369");
  expect(md5).toBe(
    createHash("md5")
      .update(await readFile(path))
      .digest("hex"),
  );
  const written = Buffer.from(formatZsync(zsync));
  expect(written.toString("latin1").split("\n\n")[0]).toBe(
    "zsync: 0.6.2\nFilename: sample\nBlocksize: 2048\nLength: 5000\nHash-Lengths: 2,2,3\nURL: sample\n" +
      "SHA-1: 34ea2dea3fd4780d6c8ecadd9ef6840f797e7369",
  );
  expect(hex(written.subarray(-15))).toBe("c08a781947aef0b8a555e6b0bf8f57");
  expect(parseZsync(written)).toEqual(zsync);
});

/** Old and new file share pieces in another order, with other bytes between them. */
const pair = fc
  .record({
    blocks: fc.array(fc.nat(7), { minLength: 1, maxLength: 30 }),
    old: fc.array(fc.nat(7), { maxLength: 30 }),
    shift: fc.nat(3000),
    tail: fc.nat(2047),
  })
  .map(({ blocks, old, shift, tail }) => {
    const block = (id: number) => Buffer.alloc(2048, createHash("sha512").update(String(id)).digest());
    return {
      wanted: Buffer.concat([...blocks.map(block), block(99).subarray(0, tail)]),
      local: Buffer.concat([Buffer.alloc(shift, 1), ...old.map(block), block(99).subarray(0, tail)]),
    };
  });

test("whatever is found locally or fetched makes up the new file", async () => {
  const [old, fresh, target] = ["old", "new", "target"].map((name) => join(folder, name)) as [string, string, string];
  await fc.assert(
    fc.asyncProperty(pair, async ({ wanted, local }) => {
      await Promise.all([writeFile(old, local), writeFile(fresh, wanted)]);
      const { zsync } = await hashFile(fresh);
      const plain = plainPlan(zsync, await findBlocks(zsync, [old]));
      expect(assemble(plain, local, wanted).equals(wanted)).toBe(true);
      const optimized = optimizedPlan(plain);
      expect(assemble(optimized, local, wanted).equals(wanted)).toBe(true);
      await rebuildFile(zsync, [old], target, (pieces) => serve(wanted, pieces));
      expect((await readFile(target)).equals(wanted)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

function assemble(plan: readonly Piece[], local: Buffer, wanted: Buffer): Buffer {
  return Buffer.concat(
    plan.map((piece) =>
      piece.from === "local"
        ? local.subarray(piece.offset, piece.offset + piece.size)
        : wanted.subarray(piece.start, piece.start + piece.size),
    ),
  );
}

async function* serve(wanted: Buffer, pieces: readonly Piece[]): AsyncGenerator<RemotePart> {
  for (const { start, size } of pieces) yield { start, data: wanted.subarray(start, start + size) };
}

test("a file that has everything is not fetched again", async () => {
  const path = join(folder, "same");
  await writeFile(path, Buffer.alloc(10_000, "abc"));
  const { zsync } = await hashFile(path);
  const plan = plainPlan(zsync, await findBlocks(zsync, [path]));
  expect(plan.every(({ from }) => from === "local")).toBe(true);
});

// Was cubic in their number: a package with 100 MB of zeros would have taken days.
test("thousands of equal blocks take no longer than others", async () => {
  const [old, fresh] = [join(folder, "zeros"), join(folder, "zeros-and-more")];
  await writeFile(old, Buffer.alloc(6_000_000));
  await writeFile(fresh, Buffer.concat([Buffer.alloc(6_000_000), Buffer.alloc(5000, "more")]));
  const { zsync } = await hashFile(fresh);
  const pieces = plainPlan(zsync, await findBlocks(zsync, [old]));
  expect(pieces.filter(({ from }) => from === "remote")).toMatchObject([{ start: 5_998_592 }]);
}, 20_000);

test("wrong bytes from the server leave the old file as it was", async () => {
  const [path, target] = [join(folder, "right"), join(folder, "there")];
  await writeFile(path, Buffer.alloc(5000, 1));
  await writeFile(target, "old");
  const { zsync } = await hashFile(path);
  const wrong = rebuildFile(zsync, [], target, () =>
    serve(Buffer.alloc(5000, 2), [{ from: "remote", start: 0, size: 5000 }]),
  );
  await expect(wrong).rejects.toThrow("SHA-1");
  const short = rebuildFile(zsync, [], target, () =>
    serve(Buffer.alloc(5000, 1), [{ from: "remote", start: 0, size: 99 }]),
  );
  await expect(short).rejects.toThrow("did not send all");
  expect(await readFile(target, "utf8")).toBe("old");
});

test("small gaps between ranges are fetched as well", () => {
  const local = { from: "local", source: 0, offset: 0 } as const;
  const pieces: Piece[] = [
    { from: "remote", start: 0, size: 100 },
    { ...local, start: 100, size: 16_383 },
    { from: "remote", start: 16_483, size: 17 },
    { ...local, start: 16_500, size: 16_384 },
    { from: "remote", start: 32_884, size: 1 },
  ];
  const optimized = optimizedPlan(pieces);
  expect(rangeHeaders(optimized)).toEqual(["bytes=0-16499,32884-32884"]);
  expect(rangeHeaders(optimized, 1)).toEqual(["bytes=0-16499", "bytes=32884-32884"]);
});

test("whatever bytes come as zsync file: a value or a typed error", () => {
  const lines = fc.constantFrom(
    "zsync: 0.6.2",
    "Blocksize: 2048",
    "Length: 9999999999999",
    "Length: 5",
    "Hash-Lengths: 1,2,3",
    "SHA-1: x",
    `SHA-1: ${"a".repeat(40)}`,
    "URL: x",
    "x",
    "",
  );
  fc.assert(
    fc.property(fc.array(lines), fc.uint8Array({ maxLength: 20 }), (header, sums) => {
      try {
        parseZsync(Buffer.concat([Buffer.from(`${header.join("\n")}\n\n`), sums]));
      } catch (error) {
        expect(isOpsiError(error, "ValueError")).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
