import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../program.ts";

/**
 * Runs a script as root of a machine that has a copy of this one's /etc: accounts and units that it makes are gone
 * with it. The checkout lies at $CHECKOUT, where all users can read it.
 */
async function onMachine(script: string): Promise<string> {
  const prepared = `set -eu
mount --make-rprivate /
cp -a /etc "$FOLDER/etc"
mount --bind "$FOLDER/etc" /etc
mount --bind "$FOLDER/home" /root
mount --bind "$SOURCES" "$CHECKOUT"
opsi() { "$CHECKOUT/node_modules/.bin/node" "$CHECKOUT/packages/cli/src/main.ts" "$@"; }
${script}`;
  await rm(join(folder, "etc"), { recursive: true, force: true });
  const { code, stdout, stderr } = await run(
    "unshare",
    ["--mount", "--pid", "--fork", "--kill-child", "bash", "-c", prepared],
    {
      FOLDER: folder,
      SITE: join(folder, "site"),
      SOURCES: join(import.meta.dirname, "../.."),
      CHECKOUT: join(folder, "checkout"),
    },
  );
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "server-setup-"));
  const { code } = await run("bash", ["-c", 'chmod 755 "$1" && mkdir "$1/home" "$1/checkout"', "prepare", folder]);
  expect(code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Row {
  readonly state: string;
  readonly what: string;
  readonly why: string;
}

test("a machine is set up for the service, which then runs as a user of its own; a second time changes nothing", async () => {
  const rows = await onMachine(`
opsi server setup --root "$SITE" --output json > "$FOLDER/first.json"
opsi server setup --root "$SITE" --output json > "$FOLDER/second.json"
id -nG opsiconfd > "$FOLDER/groups"
stat -c '%U %G %a %n' "$SITE/etc/opsi" "$SITE/etc/opsi/opsi.conf" "$SITE/var/lib/opsi/depot" "$SITE/var/lib/opsiconfd/home" > "$FOLDER/rights"
systemd-analyze verify /etc/systemd/system/opsiconfd.service
words=$(sed -n 's/^ExecStart=//p' /etc/systemd/system/opsiconfd.service)
cd /
runuser -u opsiconfd -- $words --port 0 --interface 127.0.0.1 --system-users false > "$FOLDER/started" 2>&1 &
for i in $(seq 200); do grep -q 'listens on' "$FOLDER/started" && break; sleep 0.1; done
cat "$FOLDER/started"
`);
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8")) as Row[];
  const [first, second] = [await read("first.json"), await read("second.json")];
  expect(first.filter(({ state }) => state === "done").map(({ what }) => what)).toEqual(
    expect.arrayContaining(["group opsiadmin", "group opsifileadmins", "user pcpatch", "user opsiconfd"]),
  );
  expect(first.filter(({ state }) => state === "failed")).toEqual([]);
  expect(second.filter(({ state }) => !["already", "left out"].includes(state))).toEqual([]);
  expect((await readFile(join(folder, "groups"), "utf8")).trim().split(" ").sort()).toEqual([
    "opsiadmin",
    "opsifileadmins",
    "shadow",
  ]);
  const site = join(folder, "site");
  expect((await readFile(join(folder, "rights"), "utf8")).trim().split("\n")).toEqual([
    `opsiconfd opsiadmin 770 ${site}/etc/opsi`,
    `opsiconfd opsiadmin 660 ${site}/etc/opsi/opsi.conf`,
    `opsiconfd opsifileadmins 2770 ${site}/var/lib/opsi/depot`,
    `opsiconfd opsiadmin 700 ${site}/var/lib/opsiconfd/home`,
  ]);
  expect(rows).toContain("listens on");
}, 60_000);

test("what others placed in the depot leads the set-up nowhere else", async () => {
  await writeFile(join(folder, "secret"), "", { mode: 0o600 });
  await symlink(join(folder, "secret"), join(folder, "site/var/lib/opsi/depot/link"));
  const shown = await onMachine(`
mkdir "$SITE/var/lib/opsi/depot/product" && echo '#!/bin/sh' > "$SITE/var/lib/opsi/depot/product/run"
chmod 700 "$SITE/var/lib/opsi/depot/product/run"
opsi server setup --root "$SITE" > /dev/null
stat -c '%U %a' "$FOLDER/secret"
stat -c '%G %a' "$SITE/var/lib/opsi/depot/product/run"
`);
  expect(shown).toBe("root 600\nopsifileadmins 770\n");
}, 60_000);

test("host keys in a former database stay with the service", async () => {
  const shown = await onMachine(`
for name in opsi.sqlite opsi.sqlite.bak; do touch "$SITE/var/lib/opsi/$name"; done
opsi server setup --root "$SITE" > /dev/null
stat -c '%U %G %a' "$SITE/var/lib/opsi/opsi.sqlite" "$SITE/var/lib/opsi/opsi.sqlite.bak"
`);
  expect(shown).toBe("opsiconfd opsiadmin 600\nopsiconfd opsiadmin 600\n");
}, 60_000);

test("without root it says what it leaves out", async () => {
  const shown = await onMachine(`
cd /
setpriv --reuid 65534 --regid 65534 --clear-groups "$CHECKOUT/node_modules/.bin/node" "$CHECKOUT/packages/cli/src/main.ts" server setup --root /srv/nowhere --output json
`);
  const rows = JSON.parse(shown) as Row[];
  expect(new Set(rows.map(({ state, why }) => `${state}: ${why}`))).toEqual(
    new Set(["left out: only root may do that"]),
  );
  expect(rows.map(({ what }) => what)).toContain("groups and users");
}, 60_000);
