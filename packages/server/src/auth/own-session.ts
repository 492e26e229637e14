import type { Session } from "./session.ts";

/** The session in which the server does something of its own accord: that of its own host. Nobody can use it. */
export function ownSession(hostId: string): Session {
  const now = Date.now();
  return {
    id: "",
    username: hostId,
    hostId,
    hostType: "OpsiConfigserver",
    authenticated: true,
    isAdmin: true,
    isReadOnly: false,
    writesServer: true,
    isLimited: false,
    userGroups: new Set(),
    address: "127.0.0.1",
    userAgent: "",
    authMethods: new Set(),
    created: now,
    lastUsed: now,
    messagebusLastUsed: 0,
    maxAge: 0,
    ended: false,
  };
}
