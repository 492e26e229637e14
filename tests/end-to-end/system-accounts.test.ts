import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ServiceClient } from "@opsi-ts/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../packages/protocol/src/testing/free-port.ts";
import { Program } from "../program.ts";

/** Accounts and groups are made in a copy of /etc that only the server of this test sees. */
const script = `set -e
mount --make-rprivate /
cp -a /etc "$1/etc"
mount --bind "$1/etc" /etc
groupadd opsiadmin
groupadd helpers
for name in anna bert old locked; do useradd --no-create-home --no-log-init $name; done
usermod --append --groups opsiadmin,helpers anna
echo 'MixedCase:x:64711:anna' >> /etc/group
printf '%s:wöhrd "x\\n' anna bert old locked | chpasswd
usermod --expiredate 1 old
usermod --lock locked
shift
exec "$@"`;

const password = 'wöhrd "x';
const opened = new AsyncDisposableStack();
let folder = "";
let url = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-accounts-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  url = `https://127.0.0.1:${port}`;
  const main = join(import.meta.dirname, "../../packages/server/src/main.ts");
  const root = join(folder, "server");
  const own = process.getuid?.() === 0 ? ["--mount"] : ["--mount", "--user", "--map-root-user"];
  const server = ["--root", root, "--port", String(port), "--interface", "127.0.0.1", "--system-users"];
  const words = ["bash", "-c", script, "accounts", folder, process.execPath, main, ...server];
  const program = opened.use(
    new Program("unshare", [...own, ...words, "--max-auth-failures", "50"], { OPSI_ADMIN_PASSWORD: "secret" }),
  );
  await program.says("listens on");
});
afterAll(() => opened.disposeAsync());

async function groupsOf(username: string, given = password): Promise<string[]> {
  await using service = await ServiceClient.connect({ url, username, password: given, verify: "none" });
  return (await service.call<string[]>("accessControl_getUserGroups")).sort();
}

async function isAdmin(username: string, given = password): Promise<boolean> {
  await using service = await ServiceClient.connect({ url, username, password: given, verify: "none" });
  return await service.call<boolean>("accessControl_userIsAdmin");
}

test("an account logs in with its groups in small letters, the primary one too", async () => {
  expect(await groupsOf("anna")).toEqual(["anna", "helpers", "mixedcase", "opsiadmin"]);
  expect(await isAdmin("anna")).toBe(true);
});

test("who is not in the group of administrators is none", async () => {
  expect(await groupsOf("bert")).toEqual(["bert"]);
  expect(await isAdmin("bert")).toBe(false);
});

test.each([
  ["anna", "wrong"],
  ["old", password], // expired
  ["locked", password],
  ["nobody", password], // has no password
  ["gone", password],
  ["-u", password],
])("%s does not get in with %j", async (username, given) => {
  await expect(groupsOf(username, given)).rejects.toThrow("Opsi service authentication error");
});

test("a user of the server counts before an account of the same name", async () => {
  expect(await isAdmin("admin", "secret")).toBe(true);
  const users = join(folder, "server/etc/opsi/users.json");
  const before = readFileSync(users, "utf8");
  await writeFile(users, before.replace('"admin"', '"anna"'));
  try {
    await expect(groupsOf("anna")).rejects.toThrow("Opsi service authentication error");
    expect(await groupsOf("anna", "secret")).toEqual(["opsiadmin", "opsifileadmins"]);
  } finally {
    await writeFile(users, before);
  }
});

test("a service opsi-auth of the administrator decides", async () => {
  const own = join(folder, "etc/pam.d/opsi-auth");
  await mkdir(join(folder, "etc/pam.d"), { recursive: true });
  await writeFile(own, "auth requisite pam_deny.so\naccount required pam_permit.so\n");
  try {
    await expect(groupsOf("anna")).rejects.toThrow("Opsi service authentication error");
  } finally {
    await unlink(own);
  }
  expect(await groupsOf("bert")).toEqual(["bert"]);
});

test("the password stands in no command line and no environment", async () => {
  const login = groupsOf("anna", "guess-of-a-password").then(
    () => "in",
    () => "refused",
  );
  let seen: string[] = [];
  while (seen.length === 0) {
    seen = helperProcesses();
    await sleep(5);
  }
  expect(await login).toBe("refused");
  expect(seen.join("\n")).not.toContain("guess-of-a-password");
});

/** Command lines and environments of running helpers and what they started. */
function helperProcesses(): string[] {
  return readdirSync("/proc").flatMap((id) => {
    try {
      const commandLine = readFileSync(`/proc/${id}/cmdline`, "utf8");
      if (!/pam-helper\.py|unix_chkpwd/.test(commandLine)) return [];
      return [commandLine, readFileSync(`/proc/${id}/environ`, "utf8")];
    } catch {
      return []; // it ended meanwhile, or is no process
    }
  });
}
