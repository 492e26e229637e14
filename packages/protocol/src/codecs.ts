import { OpsiError } from "@opsi-ts/model";
import { type Compression, compress, decompress } from "./compression.ts";
import { decodeJson, decodeLargeJson, encodeJson } from "./json.ts";
import { JsonText } from "./json-text.ts";
import { decodeLargeMessagePack } from "./large-message-pack.ts";
import { defaultLimits, LimitError, type Limits } from "./limits.ts";
import { decodeMessagePack, encodeMessagePack } from "./message-pack.ts";

export type Serialization = "json" | "msgpack";

/** Serialized bodies of at most this many bytes are sent uncompressed. (service §2.1) */
export const compressionThreshold = 10_000;

/** How the body of a request is written; what is not recognized counts as JSON. (service §2.1) */
export function requestSerialization(contentType: string | undefined): Serialization {
  return serializationIn(contentType) ?? "json";
}

/** How the answer is written: as the request if that said it clearly, else as `Accept` says, else JSON. (service §2.1) */
export function responseSerialization(contentType: string | undefined, accept: string | undefined): Serialization {
  return serializationIn(contentType) ?? serializationIn(accept) ?? "json";
}

/** @throws OpsiError ValueError `Unhandled Content-Encoding 'x'` (service §2.1) */
export function requestCompression(contentEncoding: string | undefined): Compression {
  const value = (contentEncoding ?? "").toLowerCase();
  return value === "zstd" ? "zstd" : compressionIn(value);
}

/**
 * Quality values are not evaluated; of several, lz4 comes before deflate before gzip. zstd is answered only to who
 * puts it first and accepts one of the others too: alone it is an error, as it always was, and browsers that list it
 * last keep getting what they got. (service §2.1)
 *
 * @throws OpsiError ValueError `Unhandled Content-Encoding 'x'`, also for `*`, `br` and the like
 */
export function responseCompression(acceptEncoding: string | undefined): Compression {
  const value = (acceptEncoding ?? "").toLowerCase();
  const compression = compressionIn(value);
  return compression !== "identity" && /^\s*zstd\s*,/.test(value) ? "zstd" : compression;
}

/** lz4-java reads only frames with independent blocks. (service §2.1) */
export function needsIndependentBlocks(userAgent: string | undefined): boolean {
  return userAgent?.startsWith("opsi config editor") === true || userAgent?.startsWith("opsi-configed") === true;
}

export function contentTypeOf(serialization: Serialization): "application/json" | "application/msgpack" {
  return serialization === "json" ? "application/json" : "application/msgpack";
}

/**
 * Bytes of a request or answer to the value in them. (service §2.1)
 *
 *     const value = await decodeBody(body, headers["content-type"], headers["content-encoding"]);
 *
 * @throws OpsiError ValueError `Request data empty`, `Unhandled Content-Encoding 'x'`; DecodeError; LimitError
 */
export async function decodeBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  limits: Limits = defaultLimits,
): Promise<unknown> {
  const compression = requestCompression(contentEncoding);
  if (compression === "identity" && bytes.length <= largeBytes) return decodePlainBody(bytes, contentType, limits);
  if (compression === "zstd" && !hasZstdMagic(bytes)) throw unhandled("zstd");
  if (bytes.length === 0) throw new OpsiError("ValueError", "Request data empty");
  if (bytes.length > limits.compressedBytes) throw new LimitError("compressedBytes", limits.compressedBytes);
  const plain = await decompress(bytes, compression, limits.decodedBytes);
  if (plain.length === 0) throw new OpsiError("ValueError", "Request data empty");
  const isLarge = plain.length > largeBytes;
  if (requestSerialization(contentType) === "json") return (isLarge ? decodeLargeJson : decodeJson)(plain, limits);
  return (isLarge ? decodeLargeMessagePack : decodeMessagePack)(plain, limits);
}

/** What is longer is decoded in steps. */
const largeBytes = 256 * 1024;

/**
 * The query of `GET /rpc?{"method":…}` as a body, for requests that have none. `+` stays what it is, and so do
 * escapes that are none. (service §2.1)
 */
export function bodyFromQuery(query: string): Uint8Array {
  const bytes = Buffer.from(query, "utf8");
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    const digits = bytes[index] === 0x25 ? bytes.toString("latin1", index + 1, index + 3) : "";
    const isEscape = /^[\da-f]{2}$/i.test(digits);
    bytes[length++] = isEscape ? Number.parseInt(digits, 16) : (bytes[index] ?? 0);
    if (isEscape) index += 2;
  }
  return bytes.subarray(0, length);
}

/** `decodeBody` for bytes that are not compressed, without a promise. Hot path (bench one-host). */
export function decodePlainBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: Limits = defaultLimits,
): unknown {
  if (bytes.length === 0) throw new OpsiError("ValueError", "Request data empty");
  if (bytes.length > limits.compressedBytes) throw new LimitError("compressedBytes", limits.compressedBytes);
  return requestSerialization(contentType) === "json" ? decodeJson(bytes, limits) : decodeMessagePack(bytes, limits);
}

/** Characters have at most three bytes in a text that is no longer than this: it stays below the threshold. */
const surelySmall = compressionThreshold / 3;

/**
 * The text of a JSON body that `encodeBody` would send uncompressed, null where it takes more than looking. Saves making
 * bytes of a text that becomes text again beside the head of the answer. Hot path (bench one-host).
 */
export function plainJsonBody(value: unknown): string | null {
  return value instanceof JsonText && typeof value.text === "string" && value.text.length <= surelySmall
    ? value.text
    : null;
}

export interface EncodedBody {
  readonly bytes: Uint8Array;
  /** `content-type`, and `content-encoding` if the bytes are compressed. */
  readonly headers: Record<string, string>;
}

export interface EncodeOptions {
  /** See needsIndependentBlocks. */
  readonly independentBlocks?: boolean;
  /** Compress only what is longer; default compressionThreshold. */
  readonly threshold?: number;
}

/**
 * A value to the bytes of a request or answer, compressed if it is worth it.
 *
 *     const { bytes, headers } = await encodeBody(answer, "json", responseCompression(accepted));
 */
export async function encodeBody(
  value: unknown,
  serialization: Serialization,
  compression: Compression,
  options: EncodeOptions = {},
): Promise<EncodedBody> {
  const plain = serialize(value, serialization);
  const headers: Record<string, string> = { "content-type": contentTypeOf(serialization) };
  if (compression === "identity" || plain.length <= (options.threshold ?? compressionThreshold)) {
    return { bytes: plain, headers };
  }
  headers["content-encoding"] = compression;
  return { bytes: await compress(plain, compression, options), headers };
}

/** A value as JSON or MessagePack; JsonText goes out as it is, or is parsed for MessagePack. */
export function serialize(value: unknown, serialization: Serialization): Uint8Array {
  if (serialization === "msgpack") return encodeMessagePack(value);
  return value instanceof JsonText ? value.bytes() : encodeJson(value);
}

function serializationIn(header: string | undefined): Serialization | null {
  const value = (header ?? "").toLowerCase();
  if (value.includes("msgpack")) return "msgpack";
  return value.includes("json") ? "json" : null;
}

function compressionIn(value: string): Compression {
  if (value === "" || value === "identity") return "identity";
  for (const compression of ["lz4", "deflate", "gzip"] as const) if (value.includes(compression)) return compression;
  throw unhandled(value);
}

function hasZstdMagic(bytes: Uint8Array): boolean {
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
}

const unhandled = (value: string) => new OpsiError("ValueError", `Unhandled Content-Encoding '${value}'`);
