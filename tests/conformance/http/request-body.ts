import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { compressLz4, encodeMessagePack } from "@opsi-ts/protocol";
import { type Content, type Encoding, fill, type Part, type Step } from "./recorded-case.ts";

export interface RequestBody {
  readonly bytes: Buffer;
  readonly contentType: string | null;
}

export function contentBytes({ text, base64, size = 0 }: Content): Buffer {
  if (text !== undefined) return Buffer.from(text);
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  const lines: string[] = [];
  for (let number = 0, length = 0; length < size; number++) {
    lines.push(`${number}\n`);
    length += lines.at(-1)?.length ?? 0;
  }
  return Buffer.from(lines.join("").slice(0, size));
}

/** The body of a step's request, null without one. */
export async function requestBody(step: Step, saved: ReadonlyMap<string, string>): Promise<RequestBody | null> {
  const { encode = [], multipart, json, body } = step;
  if (multipart !== undefined) {
    return { bytes: form(fill(multipart, saved)), contentType: "multipart/form-data; boundary=corpus" };
  }
  if (json === undefined && body === undefined) return null;
  const packed = encode.includes("msgpack");
  const value = fill(json, saved);
  const plain = packed ? encodeMessagePack(value) : Buffer.from(JSON.stringify(value) ?? "");
  let bytes = json === undefined ? contentBytes(fill(body ?? {}, saved)) : plain;
  for (const how of encode) bytes = await encoded(bytes, how);
  const contentType = json === undefined ? null : packed ? "application/msgpack" : "application/json";
  return { bytes: Buffer.from(bytes), contentType };
}

async function encoded(bytes: Uint8Array, how: Encoding): Promise<Uint8Array> {
  switch (how) {
    case "msgpack":
      return bytes;
    case "gzip":
      return gzipSync(bytes);
    case "deflate":
      return deflateSync(bytes);
    case "raw-deflate":
      return deflateRawSync(bytes);
    case "lz4":
      return compressLz4(bytes, true);
  }
}

function form(parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap((part) => {
    const name = part.filename === undefined ? "" : `; filename="${part.filename}"`;
    const type = part.type === undefined ? "" : `\r\nContent-Type: ${part.type}`;
    const head = `--corpus\r\nContent-Disposition: form-data; name="${part.name}"${name}${type}\r\n\r\n`;
    return [Buffer.from(head), contentBytes(part), Buffer.from("\r\n")];
  });
  return Buffer.concat([...pieces, Buffer.from("--corpus--\r\n")]);
}
