import { OpsiError } from "@opsi-ts/model";
import { Refusal } from "../../auth/refusal.ts";
import { bodyPieces } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { restErrors } from "../rest-error.ts";
import type { Parameters, Route } from "../router.ts";
import { contentType } from "../webdav/content-types.ts";
import { sendFile } from "../webdav/send-file.ts";
import { multipartBoundary, parseMultipart } from "./multipart.ts";
import { isTransferId, type TransferStore } from "./transfer-store.ts";

/**
 * Temporary storage for files, as backups and restores use it. The slash before the last part may be missing. (service 4.4)
 *
 * @param limit bytes that a caller who is no administrator may have here
 */
export function transferRoutes(store: TransferStore, limit: number): Route[] {
  const limitOf = ({ session }: Exchange) => (session?.isAdmin === true ? Number.POSITIVE_INFINITY : limit);
  const raw = restErrors(500, (exchange) => storeRaw(exchange, store, limitOf(exchange)));
  const multipart = restErrors(500, (exchange) => storeMultipart(exchange, store, limitOf(exchange)));
  const fetch = (exchange: Exchange, { id = "" }: Parameters) => sendStored(exchange, store, id);
  const remove = restErrors(500, (exchange, { id = "" }) => removeStored(exchange, store, id));
  const role = "authenticated" as const;
  return [
    ...["", "/", "/raw", "raw"].map((end) => ({ methods: ["POST"], path: `/file-transfer${end}`, role, handle: raw })),
    ...["/multipart", "multipart"].map((end) => ({
      methods: ["POST"],
      path: `/file-transfer${end}`,
      role,
      handle: multipart,
    })),
    ...["/:id", ":id"].flatMap((end) => [
      { methods: ["GET", "HEAD"], path: `/file-transfer${end}`, role, handle: fetch },
      { methods: ["DELETE"], path: `/file-transfer${end}`, role, handle: remove },
    ]),
  ];
}

async function storeRaw(exchange: Exchange, store: TransferStore, limit: number): Promise<void> {
  const type = exchange.header("content-type");
  const about = { fileName: null, contentType: type === "" ? null : type, username: exchange.session?.username ?? "" };
  const id = await store.store(bodyPieces(exchange.request), about, limit);
  exchange.sendJson(201, { file_id: id });
}

/** Of several files in the form the last one counts, as in the original. */
async function storeMultipart(exchange: Exchange, store: TransferStore, limit: number): Promise<void> {
  const boundary = multipartBoundary(exchange.header("content-type"));
  if (boundary === null) throw new OpsiError("ValidationError", "the body is no multipart form");
  const events = parseMultipart(bodyPieces(exchange.request), boundary);
  let id: string | null = null;
  try {
    let next = await events.next();
    while (!next.done) {
      const event = next.value;
      if (event.kind !== "part" || event.name !== "file" || event.fileName === null) {
        next = await events.next();
        continue;
      }
      const about = { fileName: event.fileName, contentType: event.type, username: exchange.session?.username ?? "" };
      const content = async function* () {
        for (next = await events.next(); !next.done && next.value.kind === "data"; next = await events.next()) {
          yield next.value.data;
        }
      };
      const stored = await store.store(content(), about, limit);
      if (id !== null) await store.remove(id);
      id = stored;
    }
  } catch (error) {
    if (id !== null) await store.remove(id); // nobody learns of it
    throw error;
  } finally {
    await events.return(undefined); // read by hand: nothing else tells the parser, and so the body, that this is the end
  }
  if (id === null) throw new OpsiError("ValidationError", "the form has no file in its field 'file'");
  exchange.sendJson(201, { file_id: id });
}

async function sendStored(exchange: Exchange, store: TransferStore, id: string): Promise<void> {
  const removes = flag(new URLSearchParams(exchange.query).get("delete") ?? "false");
  if (!isTransferId(id) || removes === null) {
    return restErrors(422, () => {
      throw new OpsiError("ValidationError", isTransferId(id) ? "delete must be true or false" : "no valid file id");
    })(exchange, {});
  }
  const file = await store.find(id);
  // 500 is what the original says, and what its programs know
  if (file === null) throw new Refusal(500, "Invalid file ID");
  const headers = [
    ...["content-type", typeOf(file.contentType, file.fileName), "content-length", String(file.size)],
    ...["etag", `"${file.id}"`, "last-modified", file.modified.toUTCString()],
    ...(file.fileName === null ? [] : ["content-disposition", disposition(file.fileName)]),
    // a client may have stored a page, whose scripts would act for the administrator who opens it
    ...["content-security-policy", "sandbox"],
  ];
  if (exchange.method === "HEAD") {
    exchange.writeHead(200, headers);
    exchange.response.end();
    return;
  }
  const send = () => sendFile(exchange.response, file.path, 0, file.size, () => exchange.writeHead(200, headers));
  await (removes ? store.handOver(id, send) : send());
}

async function removeStored(exchange: Exchange, store: TransferStore, id: string): Promise<void> {
  if (!isTransferId(id)) throw new OpsiError("ValidationError", "no valid file id");
  await store.remove(id);
  exchange.sendJson(200, { file_id: id });
}

function flag(text: string): boolean | null {
  const lower = text.toLowerCase();
  if (["true", "1", "yes", "on", "t", "y"].includes(lower)) return true;
  return ["false", "0", "no", "off", "f", "n"].includes(lower) ? false : null;
}

function typeOf(given: string | null, fileName: string | null): string {
  const guessed = fileName === null ? "text/plain" : contentType(fileName);
  const isUnknown = guessed === "application/octet-stream" && !/\.bin$/i.test(fileName ?? "");
  const type = given ?? (isUnknown ? "text/plain" : guessed);
  const safe = type.replace(/[^\x20-\x7e]/g, "");
  return /^text\//i.test(safe) && !/;\s*charset=/i.test(safe) ? `${safe}; charset=utf-8` : safe;
}

/** The name as it came, encoded where a header could not carry it. RFC 6266 */
function disposition(name: string): string {
  const encoded = name
    .split("/")
    .map((part) =>
      encodeURIComponent(part.toWellFormed()).replace(
        /[!'()*]/g,
        (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join("/");
  return encoded === name ? `attachment; filename="${name}"` : `attachment; filename*=utf-8''${encoded}`;
}
