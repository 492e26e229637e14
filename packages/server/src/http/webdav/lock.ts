import { writeFile } from "node:fs/promises";
import { type Context, checkLocks, checkWritable, depthOf, readXml } from "./context.ts";
import { folderHref } from "./href.ts";
import { type Lock, timeoutSeconds } from "./locks.ts";
import { lockDiscovery } from "./properties.ts";
import { checkParent } from "./put.ts";
import { locked, WebdavError } from "./webdav-error.ts";
import { davChild, elements, isDav, writeXml, type XmlElement } from "./xml.ts";

/** Every listing repeats it. */
const longestOwner = 4096;

/** LOCK: a new lock, or without a body a longer life for one that is shown in If. A new name becomes an empty file. (service 4.2) */
export async function lock(context: Context): Promise<void> {
  const { exchange, place, href, state, tokens } = context;
  checkWritable(place);
  const depth = depthOf(exchange, ["0", "infinity"], "infinity") === "0" ? "0" : "infinity";
  const seconds = timeoutSeconds(exchange.header("timeout"));
  const document = await readXml(exchange);
  if (document === null) {
    const known = state.locks.covering(place.path).find(({ token }) => tokens.has(token));
    if (known === undefined) throw new WebdavError(412, "No lock to refresh is shown in the header If");
    state.locks.refresh(known, seconds);
    return sendLock(context, 200, known, []);
  }
  const scope = scopeOf(document);
  const isNew = place.stats === null;
  if (isNew) {
    await checkParent(place.path);
    checkLocks(context, place.path, true);
  }
  const root = place.stats?.isDirectory() === true ? folderHref(href) : href;
  const wanted = { path: place.path, root, scope, depth, owner: ownerOf(document) } as const;
  const made = state.locks.add(wanted, seconds);
  if (made === null) throw locked(state.locks.covering(place.path)[0]?.root ?? root);
  if (isNew) {
    try {
      await writeFile(place.path, "", { flag: "wx", mode: 0o660 });
    } catch (error) {
      state.locks.remove(made);
      throw error;
    }
  }
  // RFC 4918 wants <> around it, the original has none; clients take the token from the body
  sendLock(context, isNew ? 201 : 200, made, ["lock-token", made.token]);
}

/** UNLOCK: takes a lock away that covers this place. */
export async function unlock({ exchange, place, href, state }: Context): Promise<void> {
  const token = /^\s*<?([^<>\s]+)>?\s*$/.exec(exchange.header("lock-token"))?.[1];
  if (token === undefined) throw new WebdavError(400, "The header Lock-Token is missing");
  const known = state.locks.covering(place.path).find((lock) => lock.token === token);
  if (known === undefined) {
    throw new WebdavError(409, "", { condition: { name: "lock-token-matches-request-uri", href } });
  }
  state.locks.remove(known);
  exchange.send(204, []);
}

function sendLock({ exchange, place, state }: Context, status: number, made: Lock, headers: readonly string[]): void {
  const others = state.locks.at(place.path).filter((lock) => lock !== made); // shared ones
  const discovery = `<D:lockdiscovery>${lockDiscovery([...others, made], state.locks)}</D:lockdiscovery>`;
  const xml = `<?xml version='1.0' encoding='UTF-8'?>\n<D:prop xmlns:D="DAV:">${discovery}</D:prop>`;
  exchange.send(status, ["content-type", "application/xml; charset=utf-8", ...headers], xml);
}

function scopeOf(document: XmlElement): Lock["scope"] {
  if (!isDav(document, "lockinfo")) throw new WebdavError(400, "The root element is not lockinfo");
  const type = davChild(document, "locktype");
  const scope = davChild(document, "lockscope");
  if (type === null || davChild(type, "write") === null || scope === null) {
    throw new WebdavError(400, "Only write locks are possible");
  }
  return davChild(scope, "shared") === null ? "exclusive" : "shared";
}

/** What is in `owner`, as XML with its namespaces declared. */
function ownerOf(document: XmlElement): string {
  const owner = davChild(document, "owner");
  if (owner === null) return "";
  const whole = writeXml(owner);
  const inner = elements(owner).length === 0 ? owner.children.join("") : null;
  if (inner !== null && inner.trim() === "") return "";
  const text = whole.replace(/^<D:owner>/, "").replace(/<\/D:owner>$/, "");
  if (text.length > longestOwner) throw new WebdavError(400, `The owner is longer than ${longestOwner} characters`);
  return text;
}
