import { expect, test } from "vitest";
import { endSessionsOfGoneHosts } from "./end-sessions-of-gone-hosts.ts";
import { SessionStore } from "./session-store.ts";

// Somebody deleted the client that was stolen, and it went on working as long as it asked for something every minute.
test("sessions of hosts that are gone end, others stay", async () => {
  using sessions = new SessionStore({ lifetime: 60, maxPerAddress: 0, excludedAddresses: new Set() });
  const open = (username: string, hostId: string | null) => {
    const session = Object.assign(sessions.create("10.0.0.1", ""), { username, hostId, authenticated: true });
    sessions.keep(session);
    return session;
  };
  const there = open("pc1.example.org", "pc1.example.org");
  const gone = [open("pc2.example.org", "pc2.example.org"), open("pc2.example.org", "pc2.example.org")];
  const user = open("anna", null);
  const asked: (readonly string[])[] = [];
  await endSessionsOfGoneHosts(sessions, {
    existing: async (ids) => {
      asked.push(ids);
      return new Set(["pc1.example.org"]);
    },
  });
  expect(asked).toEqual([["pc1.example.org", "pc2.example.org"]]);
  expect(sessions.list()).toEqual([there, user]);
  expect(gone.map(({ ended }) => ended)).toEqual([true, true]);
});
