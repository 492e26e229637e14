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
  let found: Found | null = null;
  let complete = false;
  let text = "";
  for (const token of readTokens(xml)) {
    if (token.kind === "text") {
      text += token.text;
    } else if (token.kind === "open") {
      text = "";
      if (token.name === "response") found = { href: null, size: null, modified: null, directory: false };
      else if (token.name === "collection" && found !== null) found.directory = true;
    } else if (token.name === "multistatus") {
      complete = true;
    } else if (found !== null) {
      if (token.name === "href") found.href ??= text.trim();
      else if (token.name === "getcontentlength") found.size = text.trim();
      else if (token.name === "getlastmodified") found.modified = text.trim();
      else if (token.name === "response") {
        if (found.href !== null) entries.push(entryOf(found, found.href));
        found = null;
      }
      text = "";
    }
  }
  if (!complete || found !== null) {
    throw new OpsiError("OpsiServiceError", "Folder listing is not a complete multistatus");
  }
  return entries;
}

type Token = { kind: "text"; text: string } | { kind: "open" | "close"; name: string };

/** One pass with `indexOf`: a pattern that looks ahead would take quadratic time on hostile input. */
function* readTokens(xml: string): Generator<Token> {
  let position = 0;
  /** Text up to a mark, from `start`; null and the end of everything if the mark is missing. */
  const upTo = (mark: string, start: number): string | null => {
    const end = xml.indexOf(mark, start);
    position = end < 0 ? xml.length : end + mark.length;
    return end < 0 ? null : xml.slice(start, end);
  };
  while (position < xml.length) {
    if (xml[position] !== "<") {
      const end = xml.indexOf("<", position);
      const text = xml.slice(position, end < 0 ? undefined : end);
      position += text.length;
      yield { kind: "text", text: decodeEntities(text) };
    } else if (xml.startsWith("<!--", position)) {
      upTo("-->", position + 4);
    } else if (xml.startsWith("<![CDATA[", position)) {
      yield { kind: "text", text: upTo("]]>", position + 9) ?? "" };
    } else {
      const tag = upTo(">", position + 1);
      const [, closing, name = ""] = /^(\/?)(?:[\w.-]+:)?([\w.-]+)/.exec(tag ?? "") ?? [];
      if (name === "") continue; // instructions, declarations, nonsense
      if (closing === "") yield { kind: "open", name };
      if (closing === "/" || tag?.endsWith("/")) yield { kind: "close", name };
    }
  }
}

interface Found {
  href: string | null;
  size: string | null;
  modified: string | null;
  directory: boolean;
}

function entryOf(found: Found, href: string): WebdavEntry {
  const path = decodePath(href);
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
