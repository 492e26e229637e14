import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { parseConfigFile, withOption, writeOption } from "./config-file.ts";
import { helpText } from "./help.ts";
import { localHostName } from "./host-name.ts";
import { readOpsiConf, withTomlValue } from "./opsi-conf.ts";
import { optionTable } from "./option-table.ts";
import { ConfigurationError, readConfiguration } from "./read-options.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "opsi-configuration-"));
  folders.push(folder);
  return folder;
}

const read = (commandLine: string[], environment: Record<string, string> = {}, defaultRoot = newFolder()) =>
  readConfiguration({ commandLine, environment, defaultRoot, hostName: "server.example.org" });

function problems(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

test("without any source every option has its default, and paths lie below the root", () => {
  const root = newFolder();
  const { options, folders: site, configFile } = read([], {}, root);
  expect(options.port).toBe(4447);
  expect(options.externalUrl).toBe("https://server.example.org:4447");
  expect(options.nodeName).toBe("server");
  expect(options.sslCaKey).toBe(join(root, "etc/opsi/ssl/opsi-ca-key.pem"));
  expect(site.depot).toBe(join(root, "var/lib/opsi/depot"));
  expect(configFile).toBe(join(root, "etc/opsi/opsiconfd.conf"));
});

test("the command line wins over the environment, the environment over the file", () => {
  const file = join(newFolder(), "opsiconfd.conf");
  writeFileSync(file, "# comment\nport = 1\nsession-lifetime = 2\nmax_auth_failures=3\n");
  const { options } = read(["--port", "11", "-c", file], { OPSICONFD_PORT: "12", OPSICONFD_SESSION_LIFETIME: "22" });
  expect([options.port, options.sessionLifetime, options.maxAuthFailures]).toEqual([11, 22, 3]);
});

test("environment variables with names of their own", () => {
  const { options } = read([], {
    OPSICONFD_MAX_SESSIONS_PER_IP: "7",
    HTTP_SECURITY_HEADERS: "false",
    OPSI_HOST_ID: "a.b.cd",
    OPSI_SERVER_ROLE: "depotserver",
  });
  expect(options).toMatchObject({
    maxSessionPerIp: 7,
    httpSecurityHeaders: false,
    hostId: "a.b.cd",
    serverRole: "depotserver",
  });
});

test.each<[what: string, words: string[], expected: Record<string, unknown>]>([
  ["a flag without value is true", ["--recover-clients", "--port", "1"], { recoverClients: true, port: 1 }],
  ["a flag with value", ["--welcome-page", "no"], { welcomePage: false }],
  ["a list takes several words", ["--networks", "10.0.0.0/8", "fd00::/8"], { networks: ["10.0.0.0/8", "fd00::/8"] }],
  ["a mapped network", ["--networks", "::ffff:10.0.0.0/104"], { networks: ["::ffff:10.0.0.0/104"] }],
  ["a list in brackets", ["--networks=[10.0.0.1, '10.2.0.0/16']"], { networks: ["10.0.0.1/32", "10.2.0.0/16"] }],
  ["an empty list", ["--trusted-proxies"], { trustedProxies: [] }],
  ["maintenance without exceptions", ["--maintenance"], { maintenance: [] }],
  ["maintenance with exceptions", ["--maintenance", "10.1.1.1"], { maintenance: ["10.1.1.1/32"] }],
  ["the short form of the log level", ["-l", "7"], { logLevelStderr: 7 }],
])("%s", (_what, words, expected) => {
  expect(read(words).options).toMatchObject(expected);
});

test.each<[words: string[], problem: RegExp]>([
  [["--sesion-lifetime", "1"], /Unknown option --sesion-lifetime. Did you mean 'session-lifetime'\?/],
  [["--port", "0x1"], /--port: '0x1' is not a whole number \(0 to 65535\)/],
  [["--port"], /--port needs a value/],
  [["--networks", "10.0.0.0/33"], /'10.0.0.0\/33' is not a network/],
  [["--networks", "10.1.2.3/16"], /'10.1.2.3\/16' has more bits set than its length/],
  [["--networks", "fd00::1/8"], /more bits set/],
  [["--server-role", "king"], /'king' is none of configserver, depotserver/],
  [["--redis-internal-url", "redis://x"], /--redis-internal-url has no effect on this server/],
  [["start"], /'start' is not expected here/],
])("%j is refused", (words, problem) => {
  expect(problems(() => read(words)).join("\n")).toMatch(problem);
});

test("all problems are told at once", () => {
  expect(problems(() => read(["--port", "x", "--networks", "y", "--what", "z"]))).toHaveLength(3);
});

test("help names every option and no secret default", () => {
  const help = helpText();
  for (const name of Object.keys(optionTable)) {
    expect(help).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  }
  expect(help).not.toContain("Toohoerohpiep8yo");
});

test("setting an option keeps comments and order", () => {
  const before = "# first\nport = 1\n\n; second\nwelcome-page = true\n";
  expect(withOption(before, "welcome-page", "false")).toBe(before.replace("true", "false"));
  expect(withOption(before, "log-level", "5")).toBe(`${before}log-level = 5\n`);
  const file = join(newFolder(), "new.conf");
  writeOption(file, "port", "3");
  expect(readFileSync(file, "utf8")).toBe("port = 3\n");
});

test("what was set is what is read", () => {
  const name = fc.constantFrom("port", "log-level", "welcome-page");
  const value = fc.stringMatching(/^[A-Za-z0-9./:-]+$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (settings) => {
      const text = settings.reduce((content, [key, to]) => withOption(content, key, to), "# start\n");
      expect(parseConfigFile(text)).toEqual(new Map(settings));
    }),
  );
});

test.each<[name: string, hosts: string, resolver: string, expected: string]>([
  ["opsi.example.org", "", "", "opsi.example.org"],
  ["opsi", "10.0.0.1 opsi.example.org opsi\n", "", "opsi.example.org"],
  ["opsi", "127.0.1.1 opsi\n", "search example.org\n", "opsi.example.org"],
  ["opsi", "127.0.1.1 opsi\n", "", "opsi.opsi.internal"],
  ["opsi", "", "search corp.example.org\n", "opsi.corp.example.org"],
  ["My_Host", "", "", "my-host.opsi.internal"],
  ["localhost", "", "", "opsi.opsi.internal"],
])("host name %s is completed", (name, hosts, resolver, expected) => {
  expect(localHostName(name, hosts, resolver)).toBe(expected);
});

const initial = {
  hostId: "server.example.org",
  hostKey: "",
  serverRole: "configserver",
  serviceUrl: "https://localhost:4447",
} as const;

test("a new opsi.conf gets id, role and a random key, and is read again as it was", () => {
  const file = join(newFolder(), "opsi.conf");
  const conf = readOpsiConf(file, initial);
  expect(conf).toMatchObject({ hostId: "server.example.org", serverRole: "configserver", adminGroup: "opsiadmin" });
  expect(conf.hostKey).toMatch(/^[0-9a-f]{32}$/);
  expect(statSync(file).mode & 0o777).toBe(0o660);
  const written = readFileSync(file, "utf8");
  expect(readOpsiConf(file, { ...initial, hostId: "other.example.org" })).toEqual(conf);
  expect(readFileSync(file, "utf8")).toBe(written);
});

// A mistake in an old file that means nothing any more kept the service from starting.
test("of a file that says everything, nobody asks for more", () => {
  const file = join(newFolder(), "opsi.conf");
  const conf = readOpsiConf(file, () => initial);
  const asked = () => {
    throw new Error("asked");
  };
  expect(readOpsiConf(file, asked)).toEqual(conf);
  writeFileSync(file, "");
  expect(() => readOpsiConf(file, asked)).toThrow("asked");
});

test("what stands in opsi.conf stays, comments too", () => {
  const file = join(newFolder(), "opsi.conf");
  writeFileSync(file, '# mine\n[groups]\nadmingroup = "Chiefs"\n\n[host]\nid = "a.b.cd" # id\n');
  expect(readOpsiConf(file, initial)).toMatchObject({ hostId: "a.b.cd", adminGroup: "chiefs" });
  expect(readFileSync(file, "utf8")).toMatch(
    /^# mine\n\[groups\]\nadmingroup = "Chiefs"\n\n\[host\]\nid = "a.b.cd" # id\nkey = /,
  );
});

test("an opsi.conf of opsi before 4.3 is converted", () => {
  const file = join(newFolder(), "opsi.conf");
  writeFileSync(file, "[groups]\nfileadmingroup = pcpatch\n\n[packages]\nuse_pigz = True\n");
  expect(readOpsiConf(file, initial)).toMatchObject({ fileAdminGroup: "pcpatch" });
  expect(readFileSync(file, "utf8")).toContain("use_pigz = true");
});

// What was TOML already got a second pair of quotes, and the administrators were gone.
test("a file in which some values have quotes and others have not keeps all of them, and its comments", () => {
  const file = join(newFolder(), "opsi.conf");
  writeFileSync(file, "; old\n[groups]\nadmingroup = \"chiefs\"\nreadonly: 'looks'\nfileadmingroup = files # these\n");
  expect(readOpsiConf(file, initial)).toMatchObject({
    ...{ adminGroup: "chiefs", readOnlyGroup: "looks", fileAdminGroup: "files" },
  });
  expect(readFileSync(file, "utf8")).toMatch(/^# old\n[\s\S]*fileadmingroup = "files" # these\n/);
});

test("what is missing beside dotted keys is written so, too", () => {
  const file = join(newFolder(), "opsi.conf");
  writeFileSync(file, 'host.id = "a.b.cd"\nservice = { url = "https://a.b.cd:4447" }\n');
  const conf = readOpsiConf(file, initial);
  expect(conf).toMatchObject({ hostId: "a.b.cd", serviceUrl: "https://a.b.cd:4447" });
  expect(readOpsiConf(file, initial)).toEqual(conf);
});

test.each([
  ['[host]\nid = "nope"', /host.id 'nope' is not a host id/],
  ['[host]\nkey = "1234"', /host.key is not a host key/],
  ['[host]\nserver-role = "x"', /host.server-role 'x'/],
  ['[groups]\nadmingroup = "two words"', /must not contain blanks/],
  ["[groups]\nadmingroup = true", /groups.admingroup must be a text/],
  ["[groups]\nadmingroup = a\n[groups]\nreadonly = b", /opsi.conf cannot be read in line 3: [^\n]*$/],
])("%j is refused", (content, problem) => {
  const file = join(newFolder(), "opsi.conf");
  writeFileSync(file, content);
  expect(problems(() => readOpsiConf(file, initial)).join("\n")).toMatch(problem);
});

test("a value is set inside its section", () => {
  expect(withTomlValue("[a]\nx = 1\n\n[b]\nx = 2\n", "b", "x", "3")).toBe('[a]\nx = 1\n\n[b]\nx = "3"\n');
  expect(withTomlValue("", "a", "x", "1")).toBe('[a]\nx = "1"\n');
});
