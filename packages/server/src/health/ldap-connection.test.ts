import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../../protocol/src/testing/free-port.ts";
import type { LdapSettings } from "../auth/ldap/ldap-settings.ts";
import { Slapd } from "../auth/ldap/test-slapd.ts";
import { directoryFindings } from "./ldap-connection.ts";

const base = "dc=example,dc=org";
let slapd: Slapd;
beforeAll(async () => {
  slapd = await Slapd.start({ [base]: { objectClass: ["domain"], dc: "example" } });
});
afterAll(() => slapd[Symbol.asyncDispose]());

/** Status and beginning of the messages. */
async function found(given: Partial<LdapSettings>) {
  const settings: LdapSettings = {
    ...{ host: "localhost", port: slapd.tlsPort, security: "tls", caFile: slapd.caFile, base },
    ...{ bindUser: "cn={username},{base}", groupFilter: "", useMemberOfRdn: false, ...given },
  };
  const findings = Object.entries(await directoryFindings(settings));
  return Object.fromEntries(findings.map(([id, { status, message }]) => [id, `${status}: ${message}`]));
}

test("a directory that answers and has the base is in order", async () => {
  expect(await found({ base: "ou=people, DC=example,dc=org" })).toEqual({
    connection: `ok: The directory localhost:${slapd.tlsPort} answers.`,
    base: "ok: The directory holds 'ou=people, DC=example,dc=org'.",
  });
  expect(await directoryFindings(null)).toMatchObject({ connection: { status: "ok" } });
});

test("with a wrong base nobody can log in", async () => {
  for (const wrong of ["dc=exampel,dc=org", "dc=myexample,dc=org", ""]) {
    expect((await found({ base: wrong }))["base"]).toMatch(/^error: The directory does not hold .* dc=example,dc=org/);
  }
});

test("a certificate of somebody else, and a directory that is away, are errors", async () => {
  expect(await found({ caFile: "" })).toEqual({ connection: expect.stringMatching(/^error: .*certificate/) });
  expect(await found({ host: "127.0.0.1" })).toEqual({ connection: expect.stringMatching(/^error: /) });
  const port = await freePort();
  expect(await found({ port })).toEqual({ connection: expect.stringContaining(`localhost:${port} cannot be reached`) });
});

test("what goes over the line in the clear is told of", async () => {
  expect((await found({ security: "plain", port: slapd.port }))["encryption"]).toMatch(/^warning: Passwords/);
  expect(await found({ security: "startTls", port: slapd.port })).not.toHaveProperty("encryption");
});
