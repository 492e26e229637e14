import { realpath } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { basename, join } from "node:path";
import { type Context, depthOf, readXml, type WebdavState } from "./context.ts";
import { type Folder, statIfThere, visibleNames } from "./folder.ts";
import { encodeHref, folderHref } from "./href.ts";
import {
  allProperties,
  type Described,
  dav,
  element,
  property,
  type Quota,
  quotaOf,
  supportedLocks,
} from "./properties.ts";
import { escapeXml, notFound, WebdavError } from "./webdav-error.ts";
import { davChild, elements, isDav, type XmlElement } from "./xml.ts";

/** What a client asks for: everything, only the names, or certain properties. */
type Wanted = { readonly kind: "all" | "names" } | { readonly kind: "some"; readonly names: readonly string[] };

const multistatusStart = `<?xml version='1.0' encoding='UTF-8'?>\n<D:multistatus xmlns:D="DAV:">`;
export const multistatusHeaders = ["content-type", "application/xml; charset=utf-8"] as const;

/** Text is handed over in pieces of this size: a whole depot does not stand in memory. */
const pieceSize = 64 * 1024;

/** Every one of them is part of the answer for every file, there or missing. */
const mostNames = 500;

/** PROPFIND: `href` first, `propstat` second, as the client library of opsi expects. (service 4.2) */
export async function propfind({ exchange, place, href, state }: Context): Promise<void> {
  const depth = depthOf(exchange, ["0", "1", "infinity"], "infinity");
  const wanted = wantedProperties(await readXml(exchange));
  if (place.stats === null) throw notFound();
  const answer = new MultistatusAnswer(exchange.response);
  exchange.writeHead(207, multistatusHeaders);
  const isFolder = place.stats.isDirectory();
  const address = isFolder ? folderHref(href) : href;
  const free = await quotaOf(place.folder.path);
  const levels = isFolder ? (depth === "infinity" ? Number.POSITIVE_INFINITY : Number(depth)) : 0;
  const displayName = basename(place.path);
  await writeTree(
    answer,
    { folder: place.folder, path: place.path, displayName, free },
    address,
    levels,
    wanted,
    state,
  );
  await answer.end();
}

/** PROPFIND of a folder that is not on the disk but made of others: `/dav/`. */
export async function propfindVirtual(
  { exchange, state }: Pick<Context, "exchange" | "state">,
  address: string,
  folders: readonly Folder[],
): Promise<void> {
  const depth = depthOf(exchange, ["0", "1", "infinity"], "infinity");
  const wanted = wantedProperties(await readXml(exchange));
  const answer = new MultistatusAnswer(exchange.response);
  exchange.writeHead(207, multistatusHeaders);
  const own = new Map([
    [dav("resourcetype"), element(dav("resourcetype"), "<D:collection/>")],
    [dav("displayname"), element(dav("displayname"))],
    [dav("lockdiscovery"), element(dav("lockdiscovery"))],
    [dav("supportedlock"), element(dav("supportedlock"), supportedLocks)],
  ]);
  await answer.write(response(address, own, wanted));
  const levels = depth === "infinity" ? Number.POSITIVE_INFINITY : Number(depth) - 1;
  for (const folder of depth === "0" ? [] : folders) {
    if ((await statIfThere(folder.path)) === null) continue;
    const free = await quotaOf(folder.path);
    const root = { folder, path: folder.path, displayName: folder.name, free };
    await writeTree(answer, root, `${address}${folder.name}/`, levels, wanted, state);
  }
  await answer.end();
}

interface Entry {
  readonly path: string;
  readonly address: string;
  readonly level: number;
  readonly displayName: string;
  /** The folders above, where they really are. */
  readonly folders: Folders | null;
}

interface Folders {
  readonly real: string;
  readonly outer: Folders | null;
}

/** Two links to the folder that they lie in would double what is listed at every level, without end. */
function leadsBack(real: string, above: Folders | null): boolean {
  for (let folders = above; folders !== null; folders = folders.outer) if (folders.real === real) return true;
  return false;
}

/** A folder with what is in it, down to so many levels. Entries that vanish meanwhile are left out. */
async function writeTree(
  answer: MultistatusAnswer,
  root: { readonly folder: Folder; readonly path: string; readonly displayName: string; readonly free: Quota },
  address: string,
  levels: number,
  wanted: Wanted,
  state: WebdavState,
): Promise<void> {
  const { folder, free } = root;
  const stack: Entry[] = [{ path: root.path, address, level: 0, displayName: root.displayName, folders: null }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { path, level, displayName } = next;
    const stats = await statIfThere(path);
    if (stats === null || answer.isClosed) continue;
    const isFolder = stats.isDirectory();
    const href = isFolder && !next.address.endsWith("/") ? `${next.address}/` : next.address;
    await answer.write(describe({ folder, path, stats, displayName, free }, href, wanted, state));
    if (!isFolder || level >= levels || level >= 100) continue;
    const real = await realpath(path).catch(() => null);
    if (real === null || leadsBack(real, next.folders)) continue;
    const folders = { real, outer: next.folders };
    const names = await visibleNames(folder, path).catch(() => []);
    for (const name of names.reverse()) {
      stack.push({ path: join(path, name), address: href + name, level: level + 1, displayName: name, folders });
    }
  }
}

function describe(it: Described, href: string, wanted: Wanted, state: WebdavState): string {
  if (wanted.kind !== "some") return response(href, allProperties(it, state), wanted);
  const found = new Map<string, string>();
  for (const name of wanted.names) {
    const xml = property(it, name, state);
    if (xml !== null) found.set(name, xml);
  }
  return response(href, found, wanted);
}

function response(href: string, found: ReadonlyMap<string, string>, wanted: Wanted): string {
  const has = wanted.kind === "names" ? [...found.keys()].map((name) => element(name)) : [...found.values()];
  const some =
    wanted.kind === "some" ? wanted.names.flatMap((name) => (found.has(name) ? [found.get(name) ?? ""] : [])) : has;
  const missing = wanted.kind === "some" ? wanted.names.filter((name) => !found.has(name)) : [];
  return `<D:response><D:href>${escapeXml(encodeHref(href))}</D:href>${propstat(200, some)}${propstat(
    404,
    missing.map((name) => element(name)),
  )}</D:response>`;
}

const statusTexts: Readonly<Record<number, string>> = {
  200: "OK",
  403: "Forbidden",
  404: "Not Found",
  424: "Failed Dependency",
  507: "Insufficient Storage",
};

/** Properties with their common status; nothing if there are none. */
export function propstat(status: number, properties: readonly string[]): string {
  if (properties.length === 0) return "";
  const line = `HTTP/1.1 ${status} ${statusTexts[status] ?? ""}`;
  return `<D:propstat><D:prop>${properties.join("")}</D:prop><D:status>${line}</D:status></D:propstat>`;
}

/** The body of a 207 answer for single resources. */
export function multistatus(responses: readonly string[]): string {
  return `${multistatusStart}${responses.join("")}</D:multistatus>`;
}

export function propertyName({ namespace, name }: XmlElement): string {
  return `{${namespace}}${name}`;
}

/** @throws WebdavError 400 if the document is no `propfind` */
function wantedProperties(document: XmlElement | null): Wanted {
  if (document === null) return { kind: "all" };
  if (!isDav(document, "propfind")) throw new WebdavError(400, "The root element is not propfind");
  const prop = davChild(document, "prop");
  if (prop !== null) {
    const names = new Set(elements(prop).map(propertyName));
    if (names.size > mostNames) throw new WebdavError(400, `More than ${mostNames} properties are asked for`);
    return { kind: "some", names: [...names] };
  }
  return { kind: davChild(document, "propname") === null ? "all" : "names" };
}

/** The answer as a stream: pieces are sent as they come, and wait for a slow client. */
class MultistatusAnswer {
  readonly #response: ServerResponse;
  #text = multistatusStart;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get isClosed(): boolean {
    return this.#response.destroyed;
  }

  async write(text: string): Promise<void> {
    this.#text += text;
    if (this.#text.length >= pieceSize) await this.#flush();
  }

  async end(): Promise<void> {
    this.#response.end(`${this.#text}</D:multistatus>`);
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    if (this.#response.destroyed || this.#response.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#response.off("drain", done);
        this.#response.off("close", done);
        resolve();
      };
      this.#response.on("drain", done);
      this.#response.on("close", done);
    });
  }
}
