import type { Stats } from "node:fs";

/** Which conditional headers of a request there are; "" = absent. RFC 9110, 13 */
export interface ConditionHeaders {
  readonly ifMatch: string;
  readonly ifNoneMatch: string;
  readonly ifModifiedSince: string;
  readonly ifUnmodifiedSince: string;
}

/** `"<inode>-<mtime>-<size>"` (service 4.2) */
export function entityTag({ ino, mtimeMs, size }: Stats): string {
  return `"${ino}-${Math.floor(mtimeMs)}-${size}"`;
}

/** What the conditions say about a resource that exists: go on, 304 or 412. */
export function checkConditions(headers: ConditionHeaders, stats: Stats, isRead: boolean): "proceed" | 304 | 412 {
  const tag = entityTag(stats);
  const modified = Math.floor(stats.mtimeMs / 1000);
  if (headers.ifMatch !== "") {
    if (!tagMatches(headers.ifMatch, tag)) return 412;
  } else {
    const unmodifiedSince = httpSeconds(headers.ifUnmodifiedSince);
    if (unmodifiedSince !== null && modified > unmodifiedSince) return 412;
  }
  if (headers.ifNoneMatch !== "") return tagMatches(headers.ifNoneMatch, tag) ? (isRead ? 304 : 412) : "proceed";
  const modifiedSince = httpSeconds(headers.ifModifiedSince);
  return isRead && modifiedSince !== null && modified <= modifiedSince ? 304 : "proceed";
}

/** Does a Range header hold? Only if the client's part is of this very version. (RFC 9110, 13.1.5) */
export function rangeHolds(ifRange: string, stats: Stats): boolean {
  if (ifRange === "") return true;
  if (/^\s*(W\/)?"/.test(ifRange)) return tagMatches(ifRange, entityTag(stats));
  return httpSeconds(ifRange) === Math.floor(stats.mtimeMs / 1000);
}

/** `*` or a list of tags; weak ones count too, as in the original. */
export function tagMatches(list: string, tag: string): boolean {
  if (list.trim() === "*") return true;
  return (list.match(/"[^"]*"/g) ?? ([] as string[])).includes(tag);
}

/** Seconds since the epoch, null if it is no date. */
export function httpSeconds(text: string): number | null {
  if (!/^\s*[A-Z][a-z]{2,8},? /.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}
