import { OpsiError } from "@opsi-ts/model";

/** What comes out of a form while it arrives: a part begins, pieces of its content, the next part. */
export type MultipartEvent =
  | { readonly kind: "part"; readonly name: string; readonly fileName: string | null; readonly type: string | null }
  | { readonly kind: "data"; readonly data: Uint8Array };

/** The boundary of a Content-Type header; null if it is no form with parts. */
export function multipartBoundary(contentType: string): string | null {
  if (!/^\s*multipart\/form-data\s*;/i.test(contentType)) return null;
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  return match?.[1] ?? match?.[2] ?? null;
}

const greatestHead = 16 * 1024;
const headEnd = Buffer.from("\r\n\r\n");

/**
 * Takes a form apart as it arrives. In memory is no more than a piece of the source and the head of a part. RFC 7578
 *
 * @throws OpsiError ValidationError
 */
export async function* parseMultipart(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<MultipartEvent> {
  const delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  // a line end in front lets the first boundary look like the others
  let buffer: Buffer = Buffer.from("\r\n");
  let state: "preamble" | "boundary" | "head" | "content" | "end" = "preamble";
  for await (const piece of source) {
    if (state === "end") continue;
    buffer = Buffer.concat([buffer, piece]);
    for (;;) {
      if (state === "preamble" || state === "content") {
        const at = buffer.indexOf(delimiter);
        // the end of the buffer may be the beginning of a delimiter
        const safe = at >= 0 ? at : buffer.length - delimiter.length + 1;
        if (state === "content" && safe > 0) yield { kind: "data", data: buffer.subarray(0, safe) };
        if (safe > 0) buffer = buffer.subarray(safe);
        if (at < 0) break;
        buffer = buffer.subarray(delimiter.length);
        state = "boundary";
      }
      if (state === "boundary") {
        if (buffer.length < 2) break;
        if (buffer.toString("latin1", 0, 2) === "--") {
          state = "end";
          break;
        }
        const lineEnd = buffer.indexOf("\r\n");
        if (lineEnd < 0) {
          if (buffer.length > 1000) throw bad("a boundary without line end");
          break;
        }
        if (buffer.subarray(0, lineEnd).toString("latin1").trim() !== "") throw bad("text behind a boundary");
        buffer = buffer.subarray(lineEnd); // the line end stays: a head may be empty
        state = "head";
      }
      const end = buffer.indexOf(headEnd);
      if (end < 0) {
        if (buffer.length > greatestHead) throw bad("the head of a part is too long");
        break;
      }
      yield partOf(buffer.subarray(0, end).toString("utf8"));
      buffer = buffer.subarray(end + headEnd.length);
      state = "content";
    }
  }
  if (state !== "end") throw bad("the form is not complete");
}

function partOf(head: string): MultipartEvent {
  const lines = head.split("\r\n");
  const value = (name: string) => {
    const line = lines.find((one) => one.toLowerCase().startsWith(`${name}:`));
    return line === undefined ? null : line.slice(name.length + 1).trim();
  };
  const disposition = value("content-disposition") ?? "";
  const name = parameter(disposition, "name");
  if (name === null) throw bad("a part has no name");
  return { kind: "part", name, fileName: parameter(disposition, "filename"), type: value("content-type") };
}

/** `name="value"`; browsers write a quote as %22, others as \". */
function parameter(header: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, "i").exec(header);
  if (match === null) return null;
  return (match[1] ?? match[2] ?? "").replace(/\\(["\\])/g, "$1").replaceAll("%22", '"');
}

const bad = (what: string) => new OpsiError("ValidationError", `multipart form: ${what}`);
