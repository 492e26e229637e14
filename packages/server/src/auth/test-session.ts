import type { Session } from "./session.ts";

/** A session of somebody who is logged in and may nothing, for tests; `given` says who it is. */
export function testSession(given: Partial<Session>): Session {
  return {
    id: "0".repeat(32),
    username: "",
    hostId: null,
    hostType: null,
    authenticated: true,
    isAdmin: false,
    isReadOnly: false,
    writesServer: true,
    isLimited: false,
    userGroups: new Set(),
    address: "127.0.0.1",
    userAgent: "",
    authMethods: new Set(),
    created: 0,
    lastUsed: 0,
    messagebusLastUsed: 0,
    maxAge: 120,
    ended: false,
    ...given,
  };
}
