import type { Stats } from "node:fs";
import { statfs } from "node:fs/promises";
import { basename } from "node:path";
import { entityTag } from "./conditions.ts";
import { contentType } from "./content-types.ts";
import type { WebdavState } from "./context.ts";
import type { Folder } from "./folder.ts";
import { encodeHref } from "./href.ts";
import type { Lock, Locks } from "./locks.ts";
import { escapeXml } from "./webdav-error.ts";

/** What properties are made of. */
export interface Described {
  readonly folder: Folder;
  readonly path: string;
  readonly stats: Stats;
  /** In `/dav` a folder is called as it is addressed there, not as on the disk. */
  readonly displayName: string;
  readonly free: Quota;
}

/** Bytes of the file system. */
export interface Quota {
  readonly available: number;
  readonly used: number;
}

/** `{namespace}name`, as properties are written in this code. */
export const dav = (name: string) => `{DAV:}${name}`;

/** Both kinds of locks are possible everywhere. */
export const supportedLocks =
  "<D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>" +
  "<D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>";

/** Live properties: name and how to write its content; null = this resource does not have it. (service 4.2) */
const live: readonly (readonly [name: string, write: (it: Described, state: WebdavState) => string | null])[] = [
  ["resourcetype", ({ stats }) => (stats.isDirectory() ? "<D:collection/>" : "")],
  ["creationdate", ({ stats }) => isoSeconds(Math.min(stats.birthtimeMs || stats.ctimeMs, stats.mtimeMs))],
  ["displayname", ({ displayName }) => escapeXml(displayName)],
  ["getcontentlength", ({ stats }) => (stats.isDirectory() ? null : String(stats.size))],
  ["getcontenttype", ({ stats, path }) => (stats.isDirectory() ? null : contentType(basename(path)))],
  ["getetag", ({ stats }) => (stats.isDirectory() ? null : entityTag(stats).slice(1, -1))],
  ["getlastmodified", ({ stats }) => new Date(Math.floor(stats.mtimeMs / 1000) * 1000).toUTCString()],
  ["lockdiscovery", ({ path }, { locks }) => lockDiscovery(locks.at(path), locks)],
  ["supportedlock", () => supportedLocks],
  ["quota-available-bytes", ({ stats, free }) => (stats.isDirectory() ? String(free.available) : "")],
  ["quota-used-bytes", ({ stats, free }) => (stats.isDirectory() ? String(free.used) : "")],
];

/** Only asked for by name, or for folders. */
const quotaNames: ReadonlySet<string> = new Set(["quota-available-bytes", "quota-used-bytes"]);
export const liveNames: ReadonlySet<string> = new Set(live.map(([name]) => dav(name)));

/** All properties of a resource, live ones and those that clients set: `{namespace}name` and XML text. */
export function allProperties(it: Described, state: WebdavState): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, write] of live) {
    if (quotaNames.has(name) && !it.stats.isDirectory()) continue;
    const content = write(it, state);
    if (content !== null) found.set(dav(name), element(dav(name), content));
  }
  for (const [name, xml] of state.properties.of(it.path)) found.set(name, xml);
  return found;
}

/** One property as XML text, null if the resource does not have it. */
export function property(it: Described, name: string, state: WebdavState): string | null {
  const found = live.find(([known]) => dav(known) === name);
  if (found === undefined) return state.properties.of(it.path).get(name) ?? null;
  const content = found[1](it, state);
  return content === null ? null : element(name, content);
}

/** An element by its full name; empty content gives an empty element. */
export function element(name: string, content = ""): string {
  const [, namespace = "", local = ""] = /^\{(.*)\}(.+)$/s.exec(name) ?? [];
  const tag = namespace === "DAV:" ? `D:${local}` : local;
  const declaration = namespace === "DAV:" ? "" : ` xmlns="${escapeXml(namespace)}"`;
  return content === "" ? `<${tag}${declaration}/>` : `<${tag}${declaration}>${content}</${tag}>`;
}

export function lockDiscovery(found: readonly Lock[], locks: Locks): string {
  return found
    .map((lock) => {
      const scope = `<D:lockscope><D:${lock.scope}/></D:lockscope><D:locktype><D:write/></D:locktype>`;
      const owner = lock.owner === "" ? "" : `<D:owner>${lock.owner}</D:owner>`;
      const token = `<D:locktoken><D:href>${lock.token}</D:href></D:locktoken>`;
      const root = `<D:lockroot><D:href>${escapeXml(encodeHref(lock.root))}</D:href></D:lockroot>`;
      const timeout = `<D:timeout>Second-${locks.secondsLeft(lock)}</D:timeout>`;
      return `<D:activelock>${scope}<D:depth>${lock.depth}</D:depth>${owner}${timeout}${token}${root}</D:activelock>`;
    })
    .join("");
}

export async function quotaOf(path: string): Promise<Quota> {
  const { bavail, bfree, blocks, bsize } = await statfs(path);
  return { available: bavail * bsize, used: (blocks - bfree) * bsize };
}

const isoSeconds = (milliseconds: number) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
