import type { Stats } from "node:fs";
import { basename } from "node:path";
import { entityTag, rangeHolds } from "./conditions.ts";
import { contentType } from "./content-types.ts";
import { type Context, checkHttpConditions } from "./context.ts";
import { encodeHref } from "./href.ts";
import { sendListing } from "./listing.ts";
import { type ByteRange, requestedRange } from "./ranges.ts";
import { sendFile } from "./send-file.ts";
import { notFound, WebdavError } from "./webdav-error.ts";

/** GET and HEAD: files whole or in part, folders as a page. (service 4.2) */
export async function get(context: Context): Promise<void> {
  const { exchange, place, href } = context;
  const { stats } = place;
  if (stats === null) throw notFound();
  if (stats.isDirectory()) {
    if (href.endsWith("/")) return sendListing(context);
    const query = exchange.query === "" ? "" : `?${exchange.query}`;
    return exchange.redirect(301, `${encodeHref(href)}/${query}`);
  }
  const headers = validators(stats);
  if (checkHttpConditions(context, true) === 304) {
    // the original says so, though RFC 9110 would rather have nothing
    return exchange.send(304, exchange.method === "HEAD" ? [...headers, "content-length", "0"] : headers);
  }
  const range = rangeHolds(exchange.header("if-range"), stats)
    ? requestedRange(exchange.header("range"), stats.size)
    : null;
  if (range === "unsatisfiable")
    throw new WebdavError(416, "", { headers: ["content-range", `bytes */${stats.size}`] });
  await sendContent(context, stats, range, [...headers, "content-type", contentType(basename(place.path))]);
}

async function sendContent(
  { exchange, place }: Context,
  { size }: Stats,
  range: ByteRange | null,
  headers: string[],
): Promise<void> {
  const offset = range?.start ?? 0;
  const length = range === null ? size : range.end - range.start + 1;
  headers.push("content-length", String(length));
  if (range !== null) headers.push("content-range", `bytes ${range.start}-${range.end}/${size}`);
  const start = () => exchange.writeHead(range === null ? 200 : 206, headers);
  if (exchange.method === "HEAD") {
    start();
    exchange.response.end();
    return;
  }
  await sendFile(exchange.response, place.path, offset, length, start);
}

const validators = (stats: Stats) => [
  ...["etag", entityTag(stats)],
  ...["last-modified", new Date(Math.floor(stats.mtimeMs / 1000) * 1000).toUTCString()],
  ...["accept-ranges", "bytes"],
];
