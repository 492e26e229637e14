import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PackageError } from "../package-error.ts";
import { librsyncDelta } from "./delta.ts";
import { librsyncPatch } from "./patch.ts";
import { librsyncSignature, parseSignature } from "./signature.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "librsync-"));
});
afterAll(() => rm(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

test("the signature is that of librsync", async () => {
  await writeFile(path("log"), "0123456789abcdef\n".repeat(1000));
  const wanted =
    "cnMBNgAACAAAAAAIdIwMPGhMemouqYazOr8NZomRsE1VomaRsFAMD1iYJIq5S2zD3VkNN/KySm8+6bL+zEEMP6vkXzT15ISUeCINCDN33aQF+/oc4AIMb26lIaIVLhEBCxoM2WhwROTJwXza2knrAQXQTVKevy7m";
  expect(Buffer.from(await librsyncSignature(path("log"))).toString("base64")).toBe(wanted);
});

/** @returns how long the delta is */
async function roundTrip(old: Uint8Array, changed: Uint8Array): Promise<number> {
  await writeFile(path("old"), old);
  await writeFile(path("new"), changed);
  {
    await using delta = await open(path("delta"), "w");
    await librsyncDelta(path("new"), await librsyncSignature(path("old")), delta);
  }
  {
    await using patched = await open(path("patched"), "w");
    await librsyncPatch(path("old"), path("delta"), patched);
  }
  expect(Buffer.compare(await readFile(path("patched")), changed)).toBe(0);
  return (await readFile(path("delta"))).length;
}

const noise = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 2654435761) >>> 24));

test.each<[what: string, old: Buffer, changed: Buffer, most: number]>([
  ["empty files", Buffer.alloc(0), Buffer.alloc(0), 5],
  ["the same file", noise, noise, 20],
  ["something in front", noise, Buffer.concat([Buffer.from("new"), noise]), 30],
  [
    "something in the middle",
    noise,
    Buffer.concat([noise.subarray(0, 99_999), Buffer.alloc(10), noise.subarray(99_999)]),
    2200,
  ],
  ["the end gone", noise, noise.subarray(0, 100_000), 2100],
  ["nothing in common", Buffer.alloc(5000, 1), noise, 300_020],
  ["zeros, whose blocks are all the same", Buffer.alloc(100_000), Buffer.alloc(150_000), 2200],
])("a delta for %s", async (_what, old, changed, most) => {
  expect(await roundTrip(old, changed)).toBeLessThanOrEqual(most);
});

test("a file that is longer than the window", async () => {
  const old = Buffer.concat(Array.from({ length: 40 }, () => noise));
  const changed = Buffer.concat([
    Buffer.from("x"),
    old.subarray(0, 9_000_000),
    Buffer.from("y"),
    old.subarray(9_000_000),
  ]);
  await roundTrip(old, changed);
});

test("whatever changes, the patched file is the new one", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...["a", "bc", "d".repeat(2048), "e".repeat(700)]), { maxLength: 12 }),
      fc.array(fc.constantFrom(...["a", "bc", "d".repeat(2048), "e".repeat(700)]), { maxLength: 12 }),
      async (old, changed) => {
        await roundTrip(Buffer.from(old.join("")), Buffer.from(changed.join("")));
      },
    ),
    { numRuns: 40 },
  ));

test("whatever bytes arrive as signature or delta: a typed error or a result", () =>
  fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.boolean(), async (bytes, withMagic) => {
      const start = withMagic ? [0x72, 0x73, 0x02, 0x36] : [];
      await writeFile(path("hostile"), Buffer.from([...start, ...bytes]));
      await using target = await open(path("result"), "w");
      await librsyncPatch(path("log"), path("hostile"), target).catch((error: unknown) => {
        expect(error).toBeInstanceOf(PackageError);
      });
      try {
        parseSignature(Buffer.from([...(withMagic ? [0x72, 0x73, 0x01, 0x36] : []), ...bytes]));
      } catch (error) {
        expect(error).toBeInstanceOf(PackageError);
      }
    }),
  ));
