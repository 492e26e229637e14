import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Configuration } from "../configuration/read-options.ts";
import type { Location } from "./location.ts";
import { readSite } from "./offline-site.ts";
import { switchStorage } from "./switch-storage.ts";

const target = (backend: Location["backend"]) => ({ backend, name: `${backend}:there` }) as Location;

function site(dispatch: string | null, options = ""): { readonly root: string; read(): Configuration } {
  const root = mkdtempSync(join(tmpdir(), "switch-storage-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "etc/opsi/backendManager"), { recursive: true });
  if (dispatch !== null) writeFileSync(join(root, "etc/opsi/backendManager/dispatch.conf"), dispatch);
  writeFileSync(join(root, "etc/opsi/opsiconfd.conf"), options);
  return { root, read: () => readSite(root) };
}

const dispatchOf = (root: string) => readFileSync(join(root, "etc/opsi/backendManager/dispatch.conf"), "utf8");

test.each([
  [null, ".* : sqlite\n"],
  ["host_.* : file, opsipxeconfd\n.* : file\n", "host_.* : sqlite, opsipxeconfd\n.* : sqlite\n"],
  ["backend_.* : file, mysql, dhcpd # all\n", "backend_.* : sqlite, dhcpd # all\n.* : sqlite\n"],
  ["# file: nothing\n; x\n.*:mysql", "# file: nothing\n; x\n.*: sqlite\n"],
])("%j becomes %j, and stays so", (before, after) => {
  const { root, read } = site(before);
  expect(switchStorage("sqlite", target("sqlite"), read())).toMatchObject([{ changed: true }]);
  expect(dispatchOf(root)).toBe(after);
  if (before !== null) {
    expect(readFileSync(join(root, "etc/opsi/backendManager/dispatch.conf.bak"), "utf8")).toBe(before);
  }
  expect(switchStorage("sqlite", target("sqlite"), read())).toEqual([]);
});

test("an address in the options goes, as it would count first", () => {
  const { root, read } = site(null, "port = 4447\nmysql-internal-url = mysql://opsi:secret@h/opsi\n");
  expect(switchStorage("sqlite", target("sqlite"), read())).toHaveLength(2);
  expect(readFileSync(join(root, "etc/opsi/opsiconfd.conf"), "utf8")).toBe("port = 4447\nmysql-internal-url = \n");
  expect(read().options.mysqlInternalUrl).toBe("");
});

test("another database is named in the options", () => {
  const { root, read } = site(null, "");
  switchStorage("postgresql://opsi:secret@h/opsi", target("postgresql"), read());
  expect(read().options.postgresqlInternalUrl).toBe("postgresql://opsi:secret@h/opsi");
  const notes = switchStorage("sqlite:/elsewhere.sqlite", target("sqlite"), read());
  expect(notes).toMatchObject([{ changed: false, text: expect.stringContaining("No site looks at") }]);
  expect(readFileSync(join(root, "etc/opsi/opsiconfd.conf"), "utf8")).toContain("postgresql-internal-url");
});
