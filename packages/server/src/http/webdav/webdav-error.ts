import { STATUS_CODES } from "node:http";
import type { Exchange, HeaderList } from "../exchange.ts";

/** A WebDAV request that ends with an error status. */
export class WebdavError extends Error {
  readonly status: number;
  readonly headers: HeaderList;
  /** Name of a precondition of RFC 4918, 16: then the body is XML with this element and the locked address. */
  readonly condition: { readonly name: string; readonly href: string } | null;

  constructor(
    status: number,
    text = "",
    options: { headers?: HeaderList; condition?: { name: string; href: string } } = {},
  ) {
    super(text === "" ? (STATUS_CODES[status] ?? "") : text);
    this.name = "WebdavError";
    this.status = status;
    this.headers = options.headers ?? [];
    this.condition = options.condition ?? null;
  }
}

export const notFound = () => new WebdavError(404);
export const locked = (href: string) => new WebdavError(423, "", { condition: { name: "lock-token-submitted", href } });

/** What a system error means to the client; null = it is our fault. */
export function fromSystemError(error: unknown): WebdavError | null {
  switch (error instanceof Error && "code" in error ? error.code : "") {
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
      return new WebdavError(404);
    case "ENAMETOOLONG":
    case "EINVAL":
    case "ERR_INVALID_ARG_VALUE":
      return new WebdavError(400, "This name is not possible here");
    case "EEXIST":
      return new WebdavError(405, "This exists already");
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new WebdavError(403, "The service may not do this");
    case "ENOSPC":
    case "EDQUOT":
      return new WebdavError(507, "There is no space left");
    default:
      return null;
  }
}

export function sendWebdavError(exchange: Exchange, error: WebdavError): void {
  const { status, message, headers, condition } = error;
  if (condition !== null) {
    const inner = `<D:${condition.name}><D:href>${escapeXml(condition.href)}</D:href></D:${condition.name}>`;
    const xml = `<?xml version='1.0' encoding='UTF-8'?>\n<D:error xmlns:D="DAV:">${inner}</D:error>`;
    exchange.send(status, ["content-type", "application/xml; charset=utf-8", ...headers], xml);
    return;
  }
  const title = `${status} ${STATUS_CODES[status] ?? ""}`;
  const body = `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1><p>${escapeXml(message)}</p></body></html>\n`;
  exchange.sendHtml(status, body, headers);
}

/** Text for element content and attributes; characters that XML cannot have are replaced. */
export function escapeXml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}
