import type { Exchange } from "../exchange.ts";
import type { Mount } from "../http-service.ts";
import { type Context, openContext, type Tree, type WebdavState } from "./context.ts";
import { copyOrMove } from "./copy-move.ts";
import { DeadProperties } from "./dead-properties.ts";
import { remove } from "./delete.ts";
import type { Folder } from "./folder.ts";
import { get } from "./get.ts";
import { decodePath } from "./href.ts";
import { lock, unlock } from "./lock.ts";
import { Locks } from "./locks.ts";
import { mkcol } from "./mkcol.ts";
import { propfind } from "./propfind.ts";
import { proppatch } from "./proppatch.ts";
import { put } from "./put.ts";
import { answerVirtualRoot } from "./virtual-root.ts";
import { fromSystemError, notFound, sendWebdavError, WebdavError } from "./webdav-error.ts";

const methods: ReadonlyMap<string, (context: Context) => Promise<void>> = new Map([
  ["OPTIONS", options],
  ["GET", get],
  ["HEAD", get],
  ["PROPFIND", propfind],
  ["PROPPATCH", proppatch],
  ["PUT", put],
  ["DELETE", remove],
  ["MKCOL", mkcol],
  ["COPY", copyOrMove],
  ["MOVE", copyOrMove],
  ["LOCK", lock],
  ["UNLOCK", unlock],
]);

/**
 * Folders of the server as WebDAV, class 1 and 2: each under its name, and all of them below `/dav`. Who may do what is
 * decided before. (service 4)
 */
export class Webdav implements Mount {
  readonly #folders: readonly Folder[];
  readonly #trees: readonly Tree[];
  readonly #state: WebdavState = { locks: new Locks(), properties: new DeadProperties() };

  constructor(folders: readonly Folder[]) {
    this.#folders = folders;
    this.#trees = [...folders.map(singleTree), commonTree(folders)];
  }

  /** Addresses of all trees, e.g. `/depot` and `/dav`. */
  get prefixes(): string[] {
    return this.#trees.map(({ prefix }) => prefix);
  }

  covers(path: string): boolean {
    return this.#tree(path) !== null;
  }

  async handle(exchange: Exchange): Promise<void> {
    const tree = this.#tree(exchange.path);
    if (tree === null) throw new Error(`${exchange.path} is not ours`);
    try {
      if (exchange.rawPath.includes("%") && decodePath(exchange.rawPath) === null) throw notFound();
      const handle = methods.get(exchange.method);
      if (handle === undefined) throw new WebdavError(405, "", { headers: ["allow", [...methods.keys()].join(", ")] });
      if (tree.prefix === "/dav" && /^\/*$/.test(exchange.path.slice(4))) {
        return await answerVirtualRoot(exchange, this.#state, this.#folders);
      }
      await handle(await openContext(exchange, tree, this.#state));
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  #tree(path: string): Tree | null {
    for (const tree of this.#trees) {
      if (path.startsWith(tree.prefix) && path.charCodeAt(tree.prefix.length) === 47) return tree;
    }
    return null;
  }

  #fail(exchange: Exchange, error: unknown): void {
    const { response } = exchange;
    if (response.headersSent || response.destroyed) {
      // too late for a status: the cut connection tells the client that something is missing
      if (!response.destroyed) exchange.report(error);
      response.destroy();
      return;
    }
    const known = error instanceof WebdavError ? error : fromSystemError(error);
    if (known === null) throw error;
    sendWebdavError(exchange, known);
  }
}

/** `/depot/...` */
function singleTree(folder: Folder): Tree {
  const prefix = `/${folder.name}`;
  return { prefix, folderOf: (rest) => ({ folder, base: prefix, rest }) };
}

/** `/dav/depot/...`: the first name chooses the folder before dots are looked at, because rights hang on it. */
function commonTree(folders: readonly Folder[]): Tree {
  return {
    prefix: "/dav",
    folderOf(path) {
      const [, name = "", rest = ""] = /^\/+([^/]+)(.*)$/s.exec(path) ?? [];
      const folder = folders.find((one) => one.name === name);
      return folder === undefined ? null : { folder, base: `/dav/${name}`, rest };
    },
  };
}

/** What is possible at this address. (service 4.2) */
async function options({ exchange, place }: Context): Promise<void> {
  const { stats, folder } = place;
  if (stats === null && folder.readOnly) throw notFound();
  const allowed =
    stats === null
      ? ["OPTIONS", "PUT", "MKCOL", "LOCK"]
      : stats.isDirectory()
        ? ["OPTIONS", "HEAD", "GET", "DELETE", "PROPFIND", "PROPPATCH", "COPY", "MOVE", "LOCK", "UNLOCK"]
        : ["OPTIONS", "HEAD", "GET", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "COPY", "MOVE", "LOCK", "UNLOCK"];
  const headers = ["allow", allowed.join(", "), "dav", "1, 2", "ms-author-via", "DAV"];
  if (stats?.isFile() === true) headers.push("accept-ranges", "bytes");
  exchange.send(200, headers);
}
