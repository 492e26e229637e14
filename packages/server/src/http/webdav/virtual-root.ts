import type { Exchange } from "../exchange.ts";
import type { WebdavState } from "./context.ts";
import { type Folder, statIfThere } from "./folder.ts";
import { listingHtml } from "./listing.ts";
import { propfindVirtual } from "./propfind.ts";
import { WebdavError } from "./webdav-error.ts";

/** `/dav/`: a folder that is not on the disk and shows the others. It can only be read. (service 4.1) */
export async function answerVirtualRoot(
  exchange: Exchange,
  state: WebdavState,
  folders: readonly Folder[],
): Promise<void> {
  const sorted = [...folders].sort((a, b) => (a.name < b.name ? -1 : 1));
  switch (exchange.method) {
    case "OPTIONS":
      return exchange.send(200, ["allow", "OPTIONS, HEAD, GET, PROPFIND", "dav", "1, 2", "ms-author-via", "DAV"]);
    case "GET":
    case "HEAD": {
      const rows = [];
      for (const { name, path } of sorted) {
        const stats = await statIfThere(path);
        if (stats !== null) rows.push({ name, isFolder: true, size: 0, modified: stats.mtime });
      }
      return exchange.sendHtml(200, listingHtml("/dav/", rows));
    }
    case "PROPFIND":
      return propfindVirtual({ exchange, state }, "/dav/", sorted);
    case "MKCOL":
      throw new WebdavError(405, "This exists already");
    default:
      throw new WebdavError(403, "This folder is read-only");
  }
}
