import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeLargeMessagePack } from "./large-message-pack.ts";
import { decodeMessagePack, encodeMessagePack } from "./message-pack.ts";

const limits = { depth: 50 };

/** Larger than one portion, of many small things and of a few large ones. */
const large = {
  objects: {
    Host: Array.from({ length: 9000 }, (_, id) => ({ id, notes: `host ${id}`, bits: [true, null, 1.5, -id] })),
  },
  texts: ["x".repeat(100_000), new Uint8Array(70_000), ["y".repeat(70_000), { z: "z".repeat(80_000) }], new Date(1000)],
  empty: [{}, [], ""],
};

test("a large value is the same as when it is decoded in one go", async () => {
  const bytes = encodeMessagePack(large);
  expect(await decodeLargeMessagePack(bytes, limits)).toEqual(decodeMessagePack(bytes, limits));
});

test("others get their turn", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await decodeLargeMessagePack(encodeMessagePack(Array(20).fill(large)), limits);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(20);
});

test("a key that would be a prototype is none", async () => {
  const text = "x".repeat(100_000);
  const bytes = Buffer.concat([Buffer.from("81a95f5f70726f746f5f5f81a161", "hex"), encodeMessagePack(text)]);
  expect(await decodeLargeMessagePack(bytes, limits)).toEqual({ __proto_: { a: text } });
});

test("whatever value, beside something large", async () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  const binary = fc.uint8Array({ minLength: 0, maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(value, binary, fc.date({ noInvalidDate: true }))), async (list) => {
      const bytes = encodeMessagePack([...list, "x".repeat(70_000), ...list]);
      expect(await decodeLargeMessagePack(bytes, limits)).toEqual(decodeMessagePack(bytes, limits));
    }),
    { numRuns: 100 },
  );
});

test("what is cut is refused as ever", async () => {
  const bytes = encodeMessagePack(large);
  await expect(decodeLargeMessagePack(bytes.subarray(0, -1), limits)).rejects.toMatchObject({ class: "DecodeError" });
});
