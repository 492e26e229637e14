import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BerReader, BerWriter } from "ldapts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../../protocol/src/testing/free-port.ts";
import { startTestSite, type TestSite } from "../../http/test-site.ts";
import { withDirectory } from "./ldap-connection.ts";
import type { LdapSettings } from "./ldap-settings.ts";
import { LdapUsers } from "./ldap-users.ts";
import { Slapd } from "./test-slapd.ts";

const directory = "dc=example,dc=org";
const posix = "dc=posix,dc=test";
const special = 'o\'neil, "x" (bob)*+#';

const person = (name: string, more: Record<string, string | string[]> = {}) => ({
  objectClass: "user",
  cn: name,
  sn: name,
  sAMAccountName: name,
  userPassword: `secret of ${name}`,
  ...more,
});
const account = (name: string, number: string) => ({
  objectClass: ["account", "posixAccount", "simpleSecurityObject"],
  uid: name,
  cn: name,
  uidNumber: number,
  gidNumber: "100",
  homeDirectory: "/",
  userPassword: `secret of ${name}`,
});
const domain = (dc: string) => ({ objectClass: ["domain"], dc });
const unit = (ou: string) => ({ objectClass: "organizationalUnit", ou });

let slapd: Slapd;
beforeAll(async () => {
  slapd = await Slapd.start({
    [directory]: domain("example"),
    [`ou=people,${directory}`]: unit("people"),
    [`ou=other,${directory}`]: unit("other"),
    [`cn=anna,ou=people,${directory}`]: person("anna"),
    [`cn=bert,ou=people,${directory}`]: person("bert"),
    [`cn=bert,ou=other,${directory}`]: person("bert"),
    [`cn=twin,ou=people,${directory}`]: person("twin"),
    [`cn=Opsi Admins,${directory}`]: {
      objectClass: "group",
      cn: "Opsi Admins",
      sAMAccountName: "OpsiAdmin",
      member: [`cn=anna,ou=people,${directory}`, `cn=bert,ou=other,${directory}`],
    },
    [`cn=All\\, of them,${directory}`]: {
      objectClass: "group",
      cn: "All, of them",
      sAMAccountName: "everybody",
      member: `cn=Opsi Admins,${directory}`,
    },
    [posix]: domain("posix"),
    [`ou=people,${posix}`]: unit("people"),
    [`uid=anna,ou=people,${posix}`]: account("anna", "1001"),
    [`uid=o'neil\\, \\"x\\" (bob)*\\+#,ou=people,${posix}`]: account(special, "1002"),
    [`cn=Helpers,${posix}`]: { objectClass: "posixGroup", cn: "Helpers", gidNumber: "1", memberUid: ["anna", special] },
    [`cn=opsiadmin,${posix}`]: {
      objectClass: ["posixGroup", "extensibleObject"],
      cn: "opsiadmin",
      gidNumber: "2",
      member: `uid=anna,ou=people,${posix}`,
    },
    [`cn=others,${posix}`]: { objectClass: "posixGroup", cn: "others", gidNumber: "3", memberUid: "bert" },
  });
});
afterAll(() => slapd[Symbol.asyncDispose]());

/** The directory with `memberOf`, over TLS. */
const settings = (given: Partial<LdapSettings> = {}): LdapSettings => ({
  host: "localhost",
  port: slapd.tlsPort,
  security: "tls",
  caFile: slapd.caFile,
  base: directory,
  bindUser: "cn={username},ou=people,{base}",
  groupFilter: "",
  useMemberOfRdn: false,
  ...given,
});
const inPosix = (given: Partial<LdapSettings> = {}) =>
  settings({ base: posix, bindUser: "uid={username},ou=people,{base}", ...given });

async function groupsOf(asked: LdapSettings, username: string, password = `secret of ${username}`) {
  return [...(await new LdapUsers(asked).logIn(username, password)).groups].sort();
}

describe("groups", () => {
  test("of memberOf, and those that they are members of", async () => {
    expect(await groupsOf(settings(), "anna")).toEqual(["all, of them", "domain users", "opsiadmin"]);
    expect(await groupsOf(settings(), "bert")).toEqual(["domain users"]);
  });

  test("by the names in memberOf", async () => {
    expect(await groupsOf(settings({ useMemberOfRdn: true }), "anna")).toEqual(["domain users", "opsi admins"]);
  });

  test("that fit the filter of the administrator", async () => {
    const groupFilter = "(&(objectclass=group)(sAMAccountName=ev*))";
    expect(await groupsOf(settings({ groupFilter }), "anna")).toEqual(["domain users"]);
    expect(await groupsOf(inPosix({ groupFilter: "(gidNumber=1)" }), "anna")).toEqual(["helpers"]);
  });

  test("that name the user or his DN", async () => {
    expect(await groupsOf(inPosix(), "anna")).toEqual(["helpers", "opsiadmin"]);
  });
});

test("the way in is noted", async () => {
  const { methods } = await new LdapUsers(settings()).logIn("anna", "secret of anna");
  expect([...methods]).toEqual(["username", "password_ldap"]);
});

test.each(["tls", "startTls", "plain"] as const)("a login over %s", async (security) => {
  const port = security === "tls" ? slapd.tlsPort : slapd.port;
  expect(await groupsOf(settings({ security, port }), "bert")).toEqual(["domain users"]);
});

describe("refused", () => {
  test.each([
    ["a wrong password", "anna", "secret of bert"],
    ["no password", "anna", ""],
    ["nobody", "", "secret"],
    ["an unknown user", "gone", "secret"],
    ["another place in the directory", "bert,ou=other", "secret of bert"],
    ["a pattern", "*", "secret of anna"],
    ["a filter", "anna)(cn=*", "secret of anna"],
    ["a second value", "anna+sn=anna", "secret of anna"],
    ["an escape", "\\61nna", "secret of anna"],
    ["a zero", "anna\0", "secret of anna"],
    ["a long name", "a".repeat(100_000), "secret"],
  ])("%s", async (_what, username, password) => {
    for (const asked of [settings(), inPosix()]) {
      await expect(new LdapUsers(asked).logIn(username, password)).rejects.toMatchObject({
        class: "OpsiServiceAuthenticationError",
      });
    }
  });

  // the directory takes them for anna, here they would be somebody else: without her second factor and her limits
  test.each(["anna ", " anna", "an\u00adna", "\uff41nna"])("another spelling of a name: %j", async (username) => {
    for (const asked of [settings(), inPosix()]) {
      await expect(groupsOf(asked, username, "secret of anna")).rejects.toMatchObject({
        class: "OpsiServiceAuthenticationError",
      });
    }
  });

  test("who is in the directory but no account", async () => {
    const asked = settings({ bindUser: "cn={username},{base}" });
    await expect(new LdapUsers(asked).logIn("root", "root of the test")).rejects.toThrow("no account of this name");
  });
});

test("a name with everything that has a meaning in DNs and filters is a name", async () => {
  expect(await groupsOf(inPosix(), special)).toEqual(["helpers"]);
});

describe("a directory that cannot tell is no wrong password", () => {
  test.each<[string, () => Promise<Partial<LdapSettings>>, string, string | RegExp]>([
    ["nobody answers", async () => ({ port: await freePort() }), "BackendUnableToConnectError", "ECONNREFUSED"],
    [
      "an unknown host",
      async () => ({ host: "directory.invalid" }),
      "BackendUnableToConnectError",
      /ENOTFOUND|EAI_AGAIN/,
    ],
    ["an unknown authority", async () => ({ caFile: "" }), "BackendUnableToConnectError", "certificate"],
    [
      "an unknown authority for StartTLS",
      async () => ({ caFile: "", security: "startTls", port: slapd.port }),
      "BackendUnableToConnectError",
      "certificate",
    ],
    ["a certificate for another name", async () => ({ host: "127.0.0.1" }), "BackendUnableToConnectError", "altnames"],
    [
      "a certificate for another name with StartTLS",
      async () => ({ host: "127.0.0.1", security: "startTls", port: slapd.port }),
      "BackendUnableToConnectError",
      "altnames",
    ],
    ["no certificates to trust", async () => ({ caFile: "/nothing.pem" }), "BackendConfigurationError", "ca_file"],
    [
      "a bind_user that is no DN",
      async () => ({ bindUser: "{username}@x" }),
      "BackendConfigurationError",
      "invalid DN",
    ],
    [
      "a base that is not there",
      async () => ({ base: "dc=gone", bindUser: `cn={username},ou=people,${directory}` }),
      "BackendIOError",
      "",
    ],
  ])("%s", async (_what, given, errorClass, text) => {
    const login = new LdapUsers(settings(await given())).logIn("bert", "secret of bert");
    const error = await login.then(
      () => null,
      (thrown: Error & { class?: string }) => thrown,
    );
    expect(error?.class).toBe(errorClass);
    expect(error?.message).toMatch(text);
    expect(error?.message).not.toContain("secret of bert");
  });
});

/** A server that answers as `onData` says; what it was told. */
async function strangeServer(onData: (socket: Socket, data: Buffer) => void) {
  const told: Buffer[] = [];
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    socket
      .on("error", () => {})
      .on("data", (data: Buffer) => {
        told.push(data);
        onData(socket, data);
      });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, told: () => Buffer.concat(told).toString("latin1"), connections: () => connections };
}

/** `ExtendedResponse` to a request. */
const extendedResponse = (code: number, request: Buffer) =>
  Buffer.from([0x30, 12, 2, 1, request[4] ?? 0, 0x78, 7, 10, 1, code, 4, 0, 4, 0]);

describe("the password is not told", () => {
  test.each<[string, (socket: Socket, request: Buffer) => void]>([
    ["who refuses StartTLS", (socket, request) => void socket.write(extendedResponse(2, request))],
    ["who agrees and goes away", (socket, request) => void socket.end(extendedResponse(0, request))],
    [
      "who agrees and speaks no TLS",
      (socket, request) => void socket.write(Buffer.concat([extendedResponse(0, request), Buffer.from("hello")])),
    ],
    ["who says nothing", () => {}],
    ["who speaks no LDAP", (socket) => void socket.write("HTTP/1.1 200 OK\r\n\r\n")],
  ])("%s", async (_what, answer) => {
    const { port, told, connections } = await strangeServer(answer);
    const users = new LdapUsers(settings({ host: "127.0.0.1", port, security: "startTls" }), 1000);
    await expect(users.logIn("anna", "secret of anna")).rejects.toMatchObject({ class: "BackendUnableToConnectError" });
    expect([connections(), told().includes("secret")]).toEqual([1, false]);
  });
});

test("a line that was cut is not opened again, and without TLS the password told there", async () => {
  const { port, told, connections } = await strangeServer(
    (socket, request) => void socket.end(extendedResponse(0, request)),
  );
  const asked = settings({ host: "127.0.0.1", port, security: "plain" });
  const login = withDirectory(asked, 5000, async (client) => {
    await client.exop("1.3.6.1.4.1.4203.1.11.3");
    while (client.isConnected) await sleep(5);
    await client.bind("cn=anna", "secret of anna");
  });
  await expect(login).rejects.toThrow("the connection was lost");
  expect([connections(), told().includes("secret")]).toEqual([1, false]);
});

test("a directory that stops answering holds up a login for so long and no longer", async () => {
  const { port } = await strangeServer(() => {});
  const started = performance.now();
  const users = new LdapUsers(settings({ host: "127.0.0.1", port, security: "plain" }), 500);
  await expect(users.logIn("anna", "secret of anna")).rejects.toThrow("no answer within 0.5 seconds");
  expect(performance.now() - started).toBeLessThan(5000);
});

describe("logins with name@realm, as Active Directory takes them", () => {
  /** What OpenLDAP cannot: `anna@example.org` becomes her DN on the way to it. */
  async function withRealm(): Promise<LdapSettings> {
    const server = createServer((client) => {
      const upstream = connect({ host: "127.0.0.1", port: slapd.port });
      client.once("data", (bind: Buffer) => {
        upstream.write(withDn(bind));
        client.pipe(upstream).pipe(client);
      });
      client.on("error", () => {});
      upstream.on("error", () => {});
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const bindUser = "{username}@example.org";
    return settings({ host: "127.0.0.1", port: address.port, security: "plain", bindUser });
  }

  function withDn(bind: Buffer): Buffer {
    const reader = new BerReader(bind);
    reader.readSequence();
    const messageId = reader.readInt() ?? 0;
    reader.readSequence(0x60);
    reader.readInt();
    const name = reader.readString() ?? "";
    const password = reader.readString(0x80) ?? "";
    const writer = new BerWriter();
    writer.startSequence();
    writer.writeInt(messageId);
    writer.startSequence(0x60);
    writer.writeInt(3);
    writer.writeString(name.replace(/^(.*)@example\.org$/, `cn=$1,ou=people,${directory}`));
    writer.writeString(password, 0x80);
    writer.endSequence();
    writer.endSequence();
    return writer.buffer;
  }

  test("the account is looked for in the directory", async () => {
    const asked = await withRealm();
    expect(await groupsOf(asked, "anna")).toEqual(["all, of them", "domain users", "opsiadmin"]);
    await expect(groupsOf(asked, "anna", "wrong")).rejects.toMatchObject({ class: "OpsiServiceAuthenticationError" });
  });

  test("two accounts of the same name: nobody gets in", async () => {
    await expect(groupsOf(await withRealm(), "bert")).rejects.toThrow("several accounts of this name");
  });

  test("with a DN it is the account of that DN", async () => {
    expect(await groupsOf(settings({ bindUser: "cn={username},ou=other,{base}" }), "bert")).toEqual([
      "all, of them",
      "domain users",
      "opsiadmin",
    ]);
  });
});

test("a server with a directory: its users, the server's own, and what is logged when it is away", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opsi-ldap-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const opsiConf = join(folder, "opsi.conf");
  const write = (port: number) =>
    writeFileSync(
      opsiConf,
      `[ldap_auth]
ldap_url = "ldaps://localhost:${port}/${directory}"
bind_user = "cn={username},ou=people,{base}"
ca_file = "${slapd.caFile}"
`,
    );
  const logIn = (site: TestSite, username: string, password: string) =>
    site.send("POST", "/auth/login", { json: { username, password } });
  write(slapd.tlsPort);
  {
    await using site = await startTestSite(["--opsi-config", opsiConf]);
    const anna = await logIn(site, "Anna", "secret of anna");
    expect([anna.status, anna.json()]).toMatchObject([200, { is_admin: true }]);
    expect((await logIn(site, "twin", "secret of twin")).json()).toMatchObject({ is_admin: false });
    expect((await logIn(site, "anna", "wrong")).status).toBe(401);
    expect((await logIn(site, "adminuser", "adminuser")).json()).toMatchObject({ is_admin: true });
  }
  write(await freePort());
  await using site = await startTestSite(["--opsi-config", opsiConf]);
  await logIn(site, "anna", "secret of anna");
  expect(site.lines.join("\n")).toMatch(/login could not be checked.*Directory localhost:\d+ cannot be reached/s);
  expect(site.lines.join("\n")).not.toContain("secret of anna");
  expect((await logIn(site, "adminuser", "adminuser")).status).toBe(200);
});
