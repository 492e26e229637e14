import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { OpsiError } from "@opsi-ts/model";
import {
  compressLz4,
  decodeLargeJson,
  decodeLargeMessagePack,
  decompressLz4,
  defaultLimits,
  encodeMessagePack,
} from "@opsi-ts/protocol";
import { Turn } from "../backends/turn.ts";
import { isRecord } from "../configuration/is-record.ts";

/** The whole of a site in one value. (storage 7.6) */
export interface BackupDocument {
  readonly meta: {
    readonly type: "opsiconfd_backup";
    readonly version: "1";
    readonly opsiconfd_version: string;
    /** seconds */
    readonly timestamp: number;
    readonly datetime: string;
    readonly node_name: string;
    readonly fqdn: string;
    readonly host_id: string;
    readonly server_id: string;
  };
  /** Hashes of objects by the name of their class. */
  readonly objects: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly config_files: Readonly<Record<string, { readonly path: string; readonly content: string | null }>>;
  /** What an original server had in its cache; it means nothing to us. */
  readonly redis?: unknown;
}

/*
 * An encrypted backup:
 *
 *   "{aes-256-gcm-sha256}" | salt (32) | tag (16) | nonce (16) | ciphertext
 */
const encryptedMark = Buffer.from("{aes-256-gcm-sha256}");
const lengths = { salt: 32, tag: 16, nonce: 16 };
const iterations = 200_000;
const lz4Magic = 0x184d2204;
/** Bytes of a document; more do not fit into one value anyway. */
const largestDocument = 4_000_000_000;

/** The original takes passwords for Latin-1, and none that is more than that. */
const bytesOf = (password: string) => Buffer.from(password, /^[\x00-\xff]*$/.test(password) ? "latin1" : "utf8");

const deriveKey = (password: string, salt: Uint8Array) =>
  promisify(pbkdf2)(bytesOf(password), salt, iterations, 32, "sha256");

/** MessagePack in an LZ4 frame, encrypted if there is a password. Others get their turn while it is made. */
export async function encodeBackup(document: BackupDocument, password: string | null): Promise<Uint8Array> {
  const compressed = await compressLz4(Buffer.concat(await Array.fromAsync(encodedPieces(document))), false);
  if (password === null) return compressed;
  const [salt, nonce] = [randomBytes(lengths.salt), randomBytes(lengths.nonce)];
  const cipher = createCipheriv("aes-256-gcm", await deriveKey(password, salt), nonce);
  const ciphertext = Buffer.concat([cipher.update(compressed), cipher.final()]);
  return Buffer.concat([encryptedMark, salt, cipher.getAuthTag(), nonce, ciphertext]);
}

/** Objects that are encoded at once; less than what an array with a header of three bytes takes. */
const portion = 100;

/** A site has millions of objects: they are encoded in portions, as parts of one value. */
async function* encodedPieces({ objects, ...rest }: BackupDocument): AsyncGenerator<Uint8Array> {
  const turn = new Turn();
  yield header(0xdf, Object.keys(rest).length + 1);
  for (const [key, value] of Object.entries(rest)) yield* [encodeMessagePack(key), encodeMessagePack(value)];
  yield* [encodeMessagePack("objects"), header(0xdf, Object.keys(objects).length)];
  for (const [name, list] of Object.entries(objects)) {
    yield* [encodeMessagePack(name), header(0xdd, list.length)];
    for (let start = 0; start < list.length; start += portion) {
      const part = list.slice(start, start + portion);
      yield encodeMessagePack(part).subarray(part.length < 16 ? 1 : 3); // without the header of the array
      if (turn.isOver) await turn.pass();
    }
  }
}

/** `df` and the number of members of a map, or `dd` and that of an array, in four bytes each. */
function header(mark: 0xdd | 0xdf, length: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(mark);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/**
 * Reads a backup of an original server or of ours: MessagePack or JSON, as LZ4 frame, gzip or plain.
 *
 * @throws ValueError for what is no backup, for a password that is missing or wrong
 */
export async function decodeBackup(bytes: Uint8Array, password: string | null): Promise<BackupDocument> {
  const plain = await decompress(
    await decrypt(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), password),
  );
  const limits = { ...defaultLimits, decodedBytes: largestDocument, containers: Number.MAX_SAFE_INTEGER };
  return checkedDocument(await (plain[0] === 0x7b ? decodeLargeJson : decodeLargeMessagePack)(plain, limits));
}

async function decrypt(bytes: Buffer, password: string | null): Promise<Buffer> {
  if (!bytes.subarray(0, encryptedMark.length).equals(encryptedMark)) {
    if (!bytes.subarray(0, 4).equals(encryptedMark.subarray(0, 4))) return bytes;
    throw new OpsiError("ValueError", `Failed to decrypt data: only ${encryptedMark} is known`);
  }
  if (!password) throw new OpsiError("ValueError", "Backup file is encrypted, but no password supplied");
  const start = encryptedMark.length;
  if (bytes.length <= start + lengths.salt + lengths.tag + lengths.nonce) throw undecryptable("the file is cut");
  const salt = bytes.subarray(start, start + lengths.salt);
  const tag = bytes.subarray(start + lengths.salt, start + lengths.salt + lengths.tag);
  const at = start + lengths.salt + lengths.tag + lengths.nonce;
  const nonce = bytes.subarray(at - lengths.nonce, at);
  try {
    const decipher = createDecipheriv("aes-256-gcm", await deriveKey(password, salt), nonce, { authTagLength: 16 });
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(bytes.subarray(at)), decipher.final()]);
  } catch (cause) {
    throw undecryptable("MAC check failed", cause);
  }
}

const undecryptable = (reason: string, cause?: unknown) =>
  new OpsiError("ValueError", `Failed to decrypt, password incorrect or file corrupted (${reason})`, { cause });

async function decompress(bytes: Buffer): Promise<Uint8Array> {
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === lz4Magic) return decompressLz4(bytes, largestDocument);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return (await promisify(gunzip)(bytes, { maxOutputLength: largestDocument })) as Buffer;
  } catch (cause) {
    throw new OpsiError("ValueError", "The compressed data are damaged or cut", { cause });
  }
}

/** @throws ValueError */
export function checkedDocument(value: unknown): BackupDocument {
  if (!isRecord(value) || !isRecord(value["meta"]) || value["meta"]["type"] !== "opsiconfd_backup") {
    throw new OpsiError("ValueError", "Invalid backup");
  }
  const { version, server_id: serverId } = value["meta"];
  if (version !== "1") throw new OpsiError("ValueError", `Invalid backup version: ${String(version)}`);
  if (typeof serverId !== "string") throw new OpsiError("ValueError", "Server id missing in backup meta data");
  const { objects, config_files: files = {} } = value;
  const complete =
    isRecord(objects) && Object.values(objects).every((list) => Array.isArray(list) && list.every(isRecord));
  if (!complete) throw new OpsiError("ValueError", "Invalid backup: there are no objects in it");
  const isFile = (file: unknown) => isRecord(file) && (file["content"] === null || typeof file["content"] === "string");
  if (!isRecord(files) || !Object.values(files).every(isFile))
    throw new OpsiError("ValueError", "Invalid backup: bad configuration files");
  return { ...value, config_files: files } as unknown as BackupDocument;
}
