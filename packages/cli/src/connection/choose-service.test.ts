import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import clientList from "../commands/client-list.ts";
import { findCommand } from "../find-command.ts";
import { parseArguments } from "../parse-arguments.ts";
import { testSurroundings } from "../testing/test-surroundings.ts";
import { chooseService } from "./choose-service.ts";

async function choose(line: string, environment: Record<string, string> = {}, answers: string[] | null = null) {
  const home = await mkdtemp(join(tmpdir(), "opsi-home-"));
  onTestFinished(() => rm(home, { recursive: true }));
  await mkdir(join(home, ".config", "opsi-cli"), { recursive: true });
  await writeFile(
    join(home, ".config", "opsi-cli", "opsi-cli.toml"),
    'service = "main"\n[services.main]\nurl = "https://main"\nusername = "admin"\npassword = "saved"\n[services.other]\nurl = "https://other"\n',
  );
  await mkdir(join(home, "site", "etc", "opsi"), { recursive: true });
  await writeFile(
    join(home, "site", "etc", "opsi", "opsi.conf"),
    '[host]\nid = "server.example.org"\nkey = "0123"\nserver-role = "configserver"\n[service]\nurl = "https://localhost:4447"\n',
  );
  await writeFile(join(home, "site", "etc", "opsi", "opsiconfd.conf"), "port = 5000\n");
  await writeFile(join(home, "secret"), "from-file\nmore\n");
  const found = findCommand(`client list ${line}`.trim().split(" "), ["client list"]);
  if (found.kind !== "command") throw new Error(found.kind);
  const parsed = parseArguments(clientList as never, found.rest);
  if (parsed.kind !== "run") throw new Error(parsed.kind);
  const ask = answers === null ? null : async () => answers.shift() ?? "";
  return chooseService(parsed.globals, testSurroundings({ environment, home, folder: home }), ask);
}

test.each<[line: string, environment: Record<string, string>, answers: string[] | null, chosen: object]>([
  ["", {}, null, { url: "https://main", username: "admin", password: "saved", verify: "strict" }],
  ["--service other", { OPSI_PASSWORD: "p" }, ["u"], { url: "https://other", username: "u", password: "p" }],
  ["--service https://x:1 -u u -p p", {}, null, { url: "https://x:1", username: "u", password: "p" }],
  ["--service https://x:1 -u u --password-file secret", { OPSI_PASSWORD: "p" }, null, { password: "from-file" }],
  // The saved password belongs to the saved user alone.
  ["-u somebody", {}, ["typed"], { url: "https://main", username: "somebody", password: "typed" }],
  [
    "",
    { OPSI_SERVICE: "https://e", OPSI_USERNAME: "u", OPSI_PASSWORD: "p" },
    null,
    { url: "https://e", username: "u" },
  ],
  ["--root site", {}, null, { url: "https://localhost:5000", username: "server.example.org", password: "0123" }],
  ["--root site -u admin", {}, ["typed"], { url: "https://localhost:5000", username: "admin", password: "typed" }],
  ["--root site --service https://localhost:9", {}, null, { url: "https://localhost:9", password: "0123" }],
  ["--trust", {}, null, { verify: "trust-on-first-use" }],
  ["--totp", {}, ["123456"], { totp: "123456" }],
])("%s %j", async (line, environment, answers, chosen) => {
  expect(await choose(line, environment, answers)).toMatchObject(chosen);
});

test("a site brings its CA, and a trusted service has its place below the home folder", async () => {
  expect((await choose("--root site")).caFile).toMatch(/site\/etc\/opsi\/ssl\/opsi-ca-cert\.pem$/);
  expect((await choose("--trust")).caFile).toMatch(/\.config\/opsi\/services\/main_4447\/ca-certs\.pem$/);
});

test.each([
  ["--service mian", "'mian' is neither an address nor a saved service"],
  ["--service https://x", "No user name"],
  ["--service https://x -u u", "No password: set OPSI_PASSWORD"],
])("%s", async (line, message) => {
  await expect(choose(line)).rejects.toThrow(message);
});
