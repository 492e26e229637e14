import { OpsiError } from "@opsi-ts/model";

/** A file or folder as PROPFIND reports it. (service §4.2) */
export interface WebdavEntry {
  /** Absolute path on the service, decoded, without trailing `/`. */
  readonly path: string;
  readonly name: string;
  /** Bytes; null for folders. */
  readonly size: number | null;
  readonly directory: boolean;
  readonly modified: Date | null;
}

/**
 * The body of a 207 answer. Prefixes of names are ignored (services call the namespace `ns0`, `D` or nothing), of
 * each `response` the first `href` counts. Understands what WebDAV servers write, not all of XML: no entities of its
 * own, so that there is nothing to expand.
 *
 * @throws OpsiError OpsiServiceError if it is no multistatus
 */
export function parseListing(xml: string): WebdavEntry[] {
  const entries: WebdavEntry[] = [];
  let found: { href: string | null; size: string | null; modified: string | null; directory: boolean } | null = null;
  let multistatus = false;
  let text = "";
  for (const [token, comment, cdata, closing, name = "", selfClosing, characters] of xml.matchAll(tokens)) {
    if (comment !== undefined) continue;
    if (characters !== undefined) text += decodeEntities(characters);
    else if (cdata !== undefined) text += cdata;
    else if (token.startsWith("<?") || token.startsWith("<!")) continue;
    else if (closing === "") {
      text = "";
      if (name === "multistatus") multistatus = true;
      if (name === "response") found = { href: null, size: null, modified: null, directory: false };
      if (name === "collection" && found !== null) found.directory = true;
      if (selfClosing === "/") text = "";
    } else if (found !== null) {
      if (name === "href") found.href ??= text.trim();
      else if (name === "getcontentlength") found.size = text.trim();
      else if (name === "getlastmodified") found.modified = text.trim();
      else if (name === "response") {
        if (found.href !== null) entries.push(entryOf({ ...found, href: found.href }));
        found = null;
      }
      text = "";
    }
  }
  if (!multistatus || found !== null)
    throw new OpsiError("OpsiServiceError", "Folder listing is not a complete multistatus");
  return entries;
}

/** comment | CDATA | instruction or declaration | tag | text */
const tokens =
  /<!--([\s\S]*?)-->|<!\[CDATA\[([\s\S]*?)\]\]>|<[?!][^>]*>|<(\/?)(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*?)?(\/?)>|([^<]+)/g;

function entryOf(found: {
  href: string;
  size: string | null;
  modified: string | null;
  directory: boolean;
}): WebdavEntry {
  const path = decodePath(found.href);
  const modified = found.modified === null ? Number.NaN : Date.parse(found.modified);
  return {
    path,
    name: path.slice(path.lastIndexOf("/") + 1),
    size: found.directory || !/^\d+$/.test(found.size ?? "") ? null : Number(found.size),
    directory: found.directory,
    modified: Number.isNaN(modified) ? null : new Date(modified),
  };
}

/** `href` may be a whole address; escapes that are not UTF-8 stay as they are. */
function decodePath(href: string): string {
  const path = href.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "").replace(/(.)\/+$/, "$1");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
