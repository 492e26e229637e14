import fc from "fast-check";
import { expect, test } from "vitest";
import { multipartBoundary, parseMultipart } from "./multipart.ts";

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function parts(bytes: Uint8Array, boundary: string, size: number) {
  const found: { name: string; fileName: string | null; type: string | null; content: Buffer }[] = [];
  for await (const event of parseMultipart(pieces(bytes, size), boundary)) {
    if (event.kind === "part") found.push({ ...event, content: Buffer.alloc(0) });
    else {
      const last = found.at(-1);
      if (last !== undefined) last.content = Buffer.concat([last.content, event.data]);
    }
  }
  return found;
}

function form(contents: readonly Uint8Array[], boundary: string): Buffer {
  const blocks = contents.map((content, at) =>
    Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="f${at}"; filename="Gr\u00f6\u00dfe ${at}"\r\nContent-Type: a/b\r\n\r\n`,
      ),
      content,
      Buffer.from("\r\n"),
    ]),
  );
  return Buffer.concat([...blocks, Buffer.from(`--${boundary}--\r\n`)]);
}

test.each([
  ["multipart/form-data; boundary=abc", "abc"],
  ['Multipart/Form-Data; charset=x; boundary="a b"', "a b"],
  ["multipart/form-data", null],
  ["application/json; boundary=abc", null],
])("boundary of %j", (type, expected) => {
  expect(multipartBoundary(type)).toBe(expected);
});

test("parts come out as they went in, however the bytes are cut", async () => {
  const content = fc.uint8Array({ maxLength: 200 });
  // contents that look like boundaries are the interesting ones
  const nasty = fc
    .constantFrom("\r\n--abd", "\r\n--ab", "\r\n", "--abc", "\r\n\r\n", "-")
    .map((text) => Buffer.from(text));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(content, nasty), { maxLength: 4 }),
      fc.integer({ min: 1, max: 50 }),
      async (contents, size) => {
        fc.pre(
          contents.every(
            (one) =>
              !Buffer.from(one).includes("\r\n--abc") && !Buffer.from(one).toString("latin1").startsWith("--abc"),
          ),
        );
        const found = await parts(form(contents, "abc"), "abc", size);
        expect(found.map((part) => part.content.toString("hex"))).toEqual(
          contents.map((one) => Buffer.from(one).toString("hex")),
        );
        expect(found.every(({ fileName }, at) => fileName === `Größe ${at}`)).toBe(true);
      },
    ),
  );
});

test.each(["", "--abc", "--abc\r\n\r\nx\r\n--abc--", '--abc\r\nContent-Disposition: form-data; name="a"\r\n\r\nx'])(
  "%j is refused",
  async (text) => {
    await expect(parts(Buffer.from(text), "abc", 100)).rejects.toThrow("multipart form");
  },
);
