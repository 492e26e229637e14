import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseCommandLine, Usage } from "./command-line.ts";

const parse = (line: string) => parseCommandLine(line.split(" "), "-");

test("scripts, log and parameters", () => {
  expect(parse("/a/b.opsiscript;c.opsiscript -LogFile /t.log -silent -parameter one two -productid p")).toMatchObject({
    scripts: ["/a/b.opsiscript", "c.opsiscript"],
    logFile: "/t.log",
    parameter: "onetwo",
    logProductId: "p",
    service: null,
  });
  expect(parse("a.opsiscript old-form.log -batch").logFile).toBe("old-form.log");
});

test("service mode as the agent asks for it", () => {
  const folder = mkdtempSync(join(tmpdir(), "opsi-command-line-"));
  try {
    const file = join(folder, "credentials");
    writeFileSync(file, "username=pc1.example.org\npassword=a=b c\n");
    const { service } = parse(`-opsiservice https://h:4447/rpc -processproducts a,b -credentialfile ${file}`);
    expect(service).toMatchObject({
      url: "https://h:4447",
      clientId: "pc1.example.org",
      username: "pc1.example.org",
      password: "a=b c",
      mode: { kind: "requests", productIds: ["a", "b"] },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ["-productlist a,b", { kind: "list", productIds: ["a", "b"] }],
  ["-allloginscripts", { kind: "login", all: true }],
  ["", { kind: "requests", productIds: null }],
])("mode of %s", (words, mode) => {
  expect(parse(`-opsiservice https://h -clientid c.example.org ${words}`.trim()).service?.mode).toEqual(mode);
});

test("a setup script with a service", () => {
  const line = "setup.opsiscript x.log -servicebatch -productid p -opsiservice https://h -clientid c.example.org";
  expect(parse(line).service?.mode).toEqual({ kind: "script", script: "setup.opsiscript", productId: "p" });
});

test.each([
  "a b c",
  "a -nonsense",
  "a -logfile",
  "-silent",
  "a -servicebatch",
  "a -opsiservice https://h -clientid c",
  "-opsiservice https://h",
  "-opsiservice https://h -clientid c -loginscripts -productlist a",
  "-opsiservice https://h -credentialfile /no/such/file",
])("%s is no command line", (line) => {
  expect(() => parse(line)).toThrow(Usage);
});
