import { expect, test } from "vitest";
import { ConfigurationError } from "../../configuration/read-options.ts";
import { bindName, ldapSettings } from "./ldap-settings.ts";

const conf = (ldap: Record<string, unknown>) => ({
  hostId: "server.example.org",
  hostKey: "",
  serverRole: "configserver" as const,
  serviceUrl: "",
  adminGroup: "opsiadmin",
  fileAdminGroup: "",
  readOnlyGroup: "",
  depotUser: "",
  depotUserHome: "",
  ldap: { url: "", bindUser: "", groupFilter: "", useMemberOfRdn: false, startTls: true, caFile: "", ...ldap },
});

test("without an address there is no directory", () => {
  expect(ldapSettings(conf({}))).toBeNull();
});

test.each([
  ["ldaps://dc.example.org/dc=example,dc=org", { host: "dc.example.org", port: 636, security: "tls" }],
  ["ldap://dc.example.org/dc=example,dc=org", { port: 389, security: "startTls", bindUser: "{username}@example.org" }],
  ["ldap://dc.example.org:3268", { port: 3268, base: "", bindUser: "{username}@dc.example.org" }],
  ["ldaps://[::1]/ou=my%20people,DC=example, dc = org", { host: "::1", bindUser: "{username}@example.org" }],
  ["ldaps://dc.example.org/ou=my%20people", { base: "ou=my people" }],
])("%s", (url, expected) => {
  expect(ldapSettings(conf({ url }))).toMatchObject(expected);
});

test("whoever wants it sends passwords in the clear", () => {
  expect(ldapSettings(conf({ url: "ldap://dc.example.org", startTls: false }))?.security).toBe("plain");
  expect(ldapSettings(conf({ url: "ldaps://dc.example.org", startTls: false }))?.security).toBe("tls");
});

test.each([
  [{ url: "dc.example.org" }, "ldap_url"],
  [{ url: "https://dc.example.org" }, "ldap_url"],
  [{ url: "ldap:///dc=example" }, "ldap_url"],
  [{ url: "ldap://dc.example.org/%zz" }, "ldap_url"],
  [{ url: "ldap://dc.example.org", groupFilter: "(cn=x" }, "group_filter"],
])("%j is told with its key", (ldap, key) => {
  expect(() => ldapSettings(conf(ldap))).toThrow(ConfigurationError);
  expect(() => ldapSettings(conf(ldap))).toThrow(`ldap_auth.${key}`);
});

test.each([
  ["", "anna", "anna@example.org", false],
  ["EXAMPLE\\{username}", "a,b=c", "EXAMPLE\\a,b=c", false],
  ["uid={username},ou=people,{base}", "anna", "uid=anna,ou=people,dc=example,dc=org", true],
  ["uid={username},{base}", "a,b={base}", "uid=a\\,b\\={base},dc=example,dc=org", true],
  ["0.9.2342.19200300.100.1.1={username},{base}", "a,b", "0.9.2342.19200300.100.1.1=a\\,b,dc=example,dc=org", true],
])("bind_user %j makes of %s %s", (bindUser, username, name, isDn) => {
  const settings = ldapSettings(conf({ url: "ldaps://dc.example.org/dc=example,dc=org", bindUser }));
  expect(settings && bindName(settings, username)).toEqual({ name, isDn });
});
