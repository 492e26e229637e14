import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Networks } from "../configuration/networks.ts";
import { Authenticator } from "./authenticator.ts";
import { ClientCertificates } from "./client-certificates.ts";
import { LoginThrottle } from "./login-throttle.ts";
import { SessionStore } from "./session-store.ts";

const client = { id: "pc1.example.org", type: "OpsiClient", opsiHostKey: "0f1e2d3c4b5a69788796a5b4c3d2e1f0" } as const;

// One-time passwords may be short; over a database of its own all guesses were under way before the first one counted.
test("who guesses one-time passwords in parallel is blocked as if he did it one after the other", async () => {
  using sessions = new SessionStore({ lifetime: 60, maxPerAddress: 0, excludedAddresses: new Set() });
  let looked = 0;
  const authenticator = new Authenticator({
    settings: {
      ...{ adminGroup: "opsiadmin", readOnlyGroup: "", adminNetworks: new Networks([]), minConfigedVersion: "" },
      ...{ monitoringUser: "monitoring", updateIp: false, hostKeyOnly: false, recoverClients: false },
    },
    sessions,
    throttle: new LoginThrottle({ maxFailures: 5, interval: 60, blockTime: 60 }),
    hosts: {
      findHosts: async () => {
        await sleep(10 + looked++); // a database that answers one after the other
        return [{ ...client, oneTimePassword: "39", ipAddress: null }];
      },
      existing: async () => new Set(),
      noteLogin: () => undefined,
      clearOneTimePassword: () => undefined,
      createClient: () => Promise.reject(new Error("not here")),
    },
    users: {
      noteUserLogin: () => Promise.reject(new Error("not here")),
      secondFactor: async () => null,
      filePassword: () => null,
    },
    userLogins: { logIn: () => Promise.reject(new Error("not here")) },
    certificates: new ClientCertificates([], async () => ""),
    log: { info() {}, warning() {}, error() {} },
  });
  const guesses = Array.from({ length: 40 }, async (_, number) => {
    const login = { username: client.id, password: String(number), oneTimePassword: "", certificate: null };
    return authenticator.logIn(sessions.create("10.0.0.1", "guesser"), login).then(
      () => "in",
      (error: Error) => error.message,
    );
  });
  const answers = await Promise.all(guesses);
  expect(answers).not.toContain("in");
  expect(answers.filter((answer) => answer.includes("blocked")).length).toBeGreaterThan(30);
});
