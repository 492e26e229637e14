import { join } from "node:path";
import type { Context } from "./context.ts";
import { statIfThere, visibleNames } from "./folder.ts";
import { encodeHref } from "./href.ts";
import { escapeXml } from "./webdav-error.ts";

interface Row {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
  readonly modified: Date;
}

/** A folder as an HTML page. */
export async function sendListing({ exchange, place, href }: Context): Promise<void> {
  const names = await visibleNames(place.folder, place.path);
  const rows: Row[] = [];
  for (const name of names) {
    const stats = await statIfThere(join(place.path, name));
    if (stats !== null) rows.push({ name, isFolder: stats.isDirectory(), size: stats.size, modified: stats.mtime });
  }
  exchange.sendHtml(200, listingHtml(href, rows));
}

/** Folders first, then files, with links relative to the page. */
export function listingHtml(path: string, rows: readonly Row[]): string {
  const sorted = [...rows].sort((a, b) => Number(b.isFolder) - Number(a.isFolder));
  const lines = sorted.map(({ name, isFolder, size, modified }) => {
    const shown = isFolder ? `${name}/` : name;
    const time = modified.toISOString().slice(0, 19).replace("T", " ");
    const link = `<a href="./${encodeHref(shown)}">${escapeXml(shown)}</a>`;
    return `<tr><td>${link}</td><td>${isFolder ? "" : size}</td><td>${time} UTC</td></tr>`;
  });
  const title = escapeXml(`Index of ${path}`);
  const up =
    path.split("/").filter(Boolean).length > 1 ? '<tr><td><a href="../">../</a></td><td></td><td></td></tr>' : "";
  return `<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>${title}</title>
<style>body{font-family:system-ui,sans-serif;margin:2rem}td{padding:.1rem 1.5rem .1rem 0}td:nth-child(2){text-align:right}</style></head>
<body><h1>${title}</h1><table>${up}${lines.join("\n")}</table></body></html>
`;
}
