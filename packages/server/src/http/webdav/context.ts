import { dirname } from "node:path";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { checkConditions, entityTag } from "./conditions.ts";
import type { DeadProperties } from "./dead-properties.ts";
import { type Folder, locate, type Place } from "./folder.ts";
import { destinationPath } from "./href.ts";
import { type IfList, parseIf, submittedTokens } from "./if-header.ts";
import type { Lock, Locks } from "./locks.ts";
import { locked, WebdavError } from "./webdav-error.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/** Folders under one address: `/depot` with one, `/dav` with several side by side. */
export interface Tree {
  /** e.g. `/depot` or `/dav` */
  readonly prefix: string;
  /** The folder of the path below the prefix, with the rest of the path; null = no such folder. */
  folderOf(path: string): { readonly folder: Folder; readonly base: string; readonly rest: string } | null;
}

export interface WebdavState {
  readonly locks: Locks;
  readonly properties: DeadProperties;
}

/** A WebDAV request whose place is known. */
export interface Context {
  readonly exchange: Exchange;
  readonly tree: Tree;
  readonly place: Place;
  /** The address as asked for, decoded; folders without final slash unless it was given. */
  readonly href: string;
  readonly state: WebdavState;
  readonly ifLists: readonly IfList[];
  /** Lock tokens that the client shows. */
  readonly tokens: ReadonlySet<string>;
}

const greatestXml = 1024 * 1024;

/**
 * Locates the request and looks at its header If. Conditions on entity tags and dates are checked where the method
 * says so.
 *
 * @throws WebdavError 403, 404, 412
 */
export async function openContext(exchange: Exchange, tree: Tree, state: WebdavState): Promise<Context> {
  const found = tree.folderOf(exchange.path.slice(tree.prefix.length));
  if (found === null) throw new WebdavError(403, "There is no such folder");
  const place = await locate(found.folder, found.rest);
  const ifLists = parseIf(exchange.header("if"));
  const context = { exchange, tree, place, href: exchange.path, state, ifLists, tokens: submittedTokens(ifLists) };
  await checkIf(context);
  return context;
}

/** At least one list must hold. RFC 4918, 10.4 */
async function checkIf({ exchange, tree, place, state, ifLists }: Context): Promise<void> {
  if (ifLists.length === 0) return;
  for (const { resource, conditions } of ifLists) {
    const target = resource === null ? place : await placeOf(resource, exchange, tree);
    if (target === null) continue;
    const covering = state.locks.covering(target.path).map(({ token }) => token);
    const tag = target.stats === null ? null : entityTag(target.stats);
    const holds = conditions.every(({ not, kind, value }) => {
      return (kind === "token" ? covering.includes(value) : tag === value) !== not;
    });
    if (holds) return;
  }
  throw new WebdavError(412);
}

async function placeOf(address: string, exchange: Exchange, tree: Tree): Promise<Place | null> {
  const path = destinationPath(address, exchange.header("host"));
  if (path === null || !path.startsWith(`${tree.prefix}/`)) return null;
  const found = tree.folderOf(path.slice(tree.prefix.length));
  return found === null ? null : locate(found.folder, found.rest);
}

/** @throws WebdavError 412; for reading methods returns 304 */
export function checkHttpConditions({ exchange, place }: Context, isRead: boolean): "proceed" | 304 {
  if (place.stats === null) return "proceed";
  const headers = {
    ifMatch: exchange.header("if-match"),
    ifNoneMatch: exchange.header("if-none-match"),
    ifModifiedSince: exchange.header("if-modified-since"),
    ifUnmodifiedSince: exchange.header("if-unmodified-since"),
  };
  const result = checkConditions(headers, place.stats, isRead);
  if (result === 412) throw new WebdavError(412);
  return result;
}

/** @throws WebdavError 403 */
export function checkWritable({ folder }: Place): void {
  if (folder.readOnly) throw new WebdavError(403, "This folder is read-only");
}

/**
 * Every lock that covers the place must be shown by the client; if a name comes or goes, those of its folder too.
 *
 * @throws WebdavError 423
 */
export function checkLocks(context: Context, path: string, changesFolder: boolean): void {
  const [first] = missingLocks(context, path, changesFolder);
  if (first !== undefined) throw locked(first.root);
}

export function missingLocks({ state, tokens }: Context, path: string, changesFolder: boolean): Lock[] {
  const covering = state.locks.covering(path);
  const all = changesFolder ? [...covering, ...state.locks.at(dirname(path))] : covering;
  return all.filter(({ token }) => !tokens.has(token));
}

/** Is there a body? Known from the headers alone. */
export function hasBody({ request }: Exchange): boolean {
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

/** The body as XML, null if there is none. @throws WebdavError 400, Refusal 413 */
export async function readXml(exchange: Exchange): Promise<XmlElement | null> {
  const body = await readBody(exchange.request, greatestXml);
  if (body.length === 0) return null;
  try {
    const isUtf16 = (body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff);
    return parseXml(new TextDecoder(isUtf16 ? "utf-16" : "utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new WebdavError(400, `The XML cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** `0`, `1` or `infinity`. @throws WebdavError 400 for other values */
export function depthOf(exchange: Exchange, allowed: readonly string[], initial: string): string {
  const depth = exchange.header("depth").trim().toLowerCase() || initial;
  if (!allowed.includes(depth)) throw new WebdavError(400, `Depth '${depth}' is not possible here`);
  return depth;
}
