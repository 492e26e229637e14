import { createHash } from "node:crypto";
import { gunzipSync, inflateSync } from "node:zlib";
import { decodeMessagePack, decompressLz4, defaultLimits } from "@opsi-ts/protocol";
import { isRecord } from "../json-values.ts";
import type { Answer } from "./case-client.ts";
import { headerValues, keptHeaders } from "./kept-headers.ts";
import { keptXml } from "./kept-xml.ts";
import { foreignErrors } from "./placeholders.ts";
import type { Kept, RecordedCase, Step } from "./recorded-case.ts";

type Body = Record<string, unknown>;

/** The form in which an answer is kept and compared. (README of the recordings) */
export async function keptAnswer(step: Step, answer: Answer, recorded: RecordedCase, origin: string): Promise<Kept> {
  if (step.compare === "status" || step.compare === "refused") return { status: answer.status, headers: {}, body: {} };
  const mediaType = (headerValues(answer, "content-type")[0] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const times = (recorded.files ?? []).flatMap(({ mtime }) => (mtime === undefined ? [] : [mtime]));
  const fixed = new Set(times.map((time) => new Date(time * 1000).toUTCString()));
  const coding = headerValues(answer, "content-encoding")[0] ?? "";
  const { bytes, extra } = await decoded(answer.body, coding);
  const body = keptBody(step, answer.status, bytes, mediaType, fixed);
  const isExact = "text" in body || "sha256" in body;
  const isEmpty = "empty" in body;
  const traits = {
    kind: isEmpty ? "empty" : "xml" in body ? "xml" : isExact ? "exact" : "other",
    exact: isExact || (isEmpty && step.method === "HEAD" && answer.status < 400 && mediaType !== "text/html"),
    coded: coding !== "",
  } as const;
  return {
    status: answer.status,
    headers: keptHeaders(step, answer, traits, origin, fixed),
    body: step.compare === "headers" && !isEmpty ? { kind: mediaType } : { ...body, ...extra },
  };
}

async function decoded(bytes: Buffer, coding: string): Promise<{ bytes: Buffer; extra: Body }> {
  if (coding === "" || bytes.length === 0) return { bytes, extra: {} };
  try {
    if (coding === "gzip") return { bytes: gunzipSync(bytes), extra: {} };
    if (coding === "deflate") return { bytes: inflateSync(bytes), extra: {} };
    const plain = Buffer.from(await decompressLz4(bytes, defaultLimits.decodedBytes));
    return { bytes: plain, extra: { lz4Independent: ((bytes[4] ?? 0) & 0x20) !== 0 } };
  } catch {
    return { bytes, extra: { undecodable: coding } };
  }
}

function keptBody(step: Step, status: number, bytes: Buffer, kind: string, fixed: ReadonlySet<string>): Body {
  if (bytes.length === 0) return { empty: true };
  if (step.match) return { matches: step.match.map((match) => new RegExp(match, "m").test(bytes.toString())) };
  if (step.keep === "kind") return { kind };
  if (kind === "application/json") return parsed("json", kind, () => JSON.parse(bytes.toString()));
  if (kind === "application/msgpack") {
    return parsed("msgpack", kind, () => decodeMessagePack(bytes, defaultLimits));
  }
  if (status === 207 || (status < 400 && step.method === "LOCK")) return keptXml(bytes, fixed) ?? { invalid: kind };
  const isXml = kind === "application/xml" || kind === "text/xml";
  if (kind === "text/html" || (isXml && status >= 400)) return { page: kind };
  return shortText(bytes) ?? { sha256: createHash("sha256").update(bytes).digest("hex"), length: bytes.length };
}

function parsed(name: string, kind: string, parse: () => unknown): Body {
  try {
    return { [name]: clean(parse()) };
  } catch {
    return { invalid: kind };
  }
}

function shortText(bytes: Buffer): Body | null {
  if (bytes.length > 400) return null;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return null;
  }
}

/** Long texts that only the original says are placeholders. */
function clean(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bin: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(clean);
  if (!isRecord(value)) return value;
  const out: Body = {};
  for (const [key, member] of Object.entries(value)) {
    if (key === "details" && typeof member === "string") out[key] = "<details>";
    else if (key === "message" && typeof member === "string") out[key] = clean(withoutReason(member));
    else out[key] = clean(member);
  }
  const inner = isRecord(out["data"]) ? out["data"]["class"] : undefined;
  const isForeign = foreignErrors.has(out["class"]) || foreignErrors.has(inner);
  return typeof out["message"] === "string" && isForeign ? { ...out, message: "<text>" } : out;
}

const withoutReason = (message: string) =>
  message.replace(/(?<=^Validation error): .*|(?<=Authentication failed for user '[^']*'): .*/gs, ": <text>");
