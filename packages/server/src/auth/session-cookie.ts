import type { Session } from "./session.ts";

const sessionCookieName = "opsiconfd-session";

/**
 * The session id of a Cookie header, null if it has none. Tolerant: split at `;`, the name in any case, blanks
 * around both; the first of several counts. Old opsi-script sends `NULL; opsiconfd-session=…`. (service 1.5)
 */
export function cookieSessionId(header: string): string | null {
  // Hot path (bench one-host): nearly every request has our cookie alone
  if (header.length === plainLength && header.startsWith(plainStart))
    return header.slice(plainStart.length).toLowerCase();
  for (const part of header.split(";")) {
    const equals = part.indexOf("=");
    if (equals < 0 || part.slice(0, equals).trim().toLowerCase() !== sessionCookieName) continue;
    return part
      .slice(equals + 1)
      .trim()
      .toLowerCase();
  }
  return null;
}

const plainStart = `${sessionCookieName}=`;
const plainLength = plainStart.length + 32;

/** Value of Set-Cookie; an ended session is taken away, one that the message bus uses has no end. (service 3.5) */
export function sessionCookie(session: Session, now: number): string {
  const head = `${plainStart}${session.id}; SameSite=Strict; Secure; path=/`;
  if (session.ended) return `${head}; Max-Age=0`;
  return now - session.messagebusLastUsed < 60_000 ? head : `${head}; Max-Age=${session.maxAge}`;
}
