import { hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { defaultHardwareTypes } from "@opsi-ts/model";
import { pack } from "tar-stream";
import { expect, onTestFinished, test } from "vitest";
import { ClassicBackup } from "./classic-backup.ts";
import { readBackup } from "./read-backup.ts";

const sysinfo = "hostname: opsi\nfqdn: opsi.example.org\n";
const depot = "CONTENT/BACKENDS/FILE/file/depots/opsi.example.org.ini";

/** An archive with these files and their sums. */
async function archive(files: Readonly<Record<string, string>>, sums?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "classic-backup-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "backup");
  const tar = pack();
  const written = pipeline(tar, createGzip(), createWriteStream(path));
  const lines = Object.entries(files).map(([name, text]) => `${hash("sha1", text)} ${name}\n`);
  const all = { ...files, "CONTROL/checksums": sums ?? lines.join(""), "CONTROL/sysinfo": sysinfo };
  for (const [name, text] of Object.entries(all)) tar.entry({ name }, text);
  tar.finalize();
  await written;
  return path;
}

const options = { types: defaultHardwareTypes, password: null, mysql: null };

test("the files of a site become its objects, and its settings come along", async () => {
  const path = await archive({
    [depot]: "[depotserver]\ndescription = main\n",
    "CONTENT/BACKENDS/FILE/file/clients/pc1.example.org.ini": "[info]\ndescription = one\n",
    "CONTENT/BACKENDS/FILE_HOSTKEYS/file/pckeys": `pc1.example.org:${"a".repeat(32)}\n`,
    "CONTENT/CONF/backendManager/acl.conf": ".* : all\n",
  });
  const { document, problems } = await readBackup(path, {
    ...options,
    configFiles: { acl_conf: "backendManager/acl.conf" },
  });
  expect(problems).toEqual([]);
  expect(document.meta.server_id).toBe("opsi.example.org");
  const hosts = document.objects["Host"]?.toSorted((a, b) => (String(a["id"]) < String(b["id"]) ? -1 : 1));
  expect(hosts).toMatchObject([
    { id: "opsi.example.org", type: "OpsiConfigserver" },
    { id: "pc1.example.org", description: "one", opsiHostKey: "a".repeat(32) },
  ]);
  expect(document.config_files).toMatchObject({ acl_conf: { content: ".* : all\n" } });
});

test.each<[what: string, files: Record<string, string>, sums: string | undefined, error: RegExp]>([
  ["a file that changed", { [depot]: "x" }, `${hash("sha1", "y")} ${depot}\n`, /depots.* is damaged/],
  ["a file that is missing", {}, `${hash("sha1", "y")} ${depot}\n`, /depots.* is missing/],
  ["a way out", { "CONTENT/../../x": "x" }, undefined, /leads out of it/],
  ["a file in a file", { "CONTENT/x": "x", "CONTENT/x/y": "y" }, undefined, /'CONTENT\/x\/y' has no place/],
  ["anything else", { "etc/passwd": "x" }, undefined, /'etc\/passwd' is no member of one/],
])("%s is refused, and nothing of it stays", async (_what, files, sums, error) => {
  const path = await archive(files, sums);
  const before = await unpacked();
  await expect(ClassicBackup.open(path)).rejects.toThrow(error);
  expect(await unpacked()).toEqual(before);
});

const unpacked = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("opsi-classic-backup-"));

test("lines that make no sense are told, and a dump needs a database", async () => {
  const bad = await archive({ [depot]: "[depotserver]\nnothing\n", "CONTENT/CONF/pckeys": "" });
  expect((await readBackup(bad, options)).problems).toEqual([
    expect.stringContaining("depots/opsi.example.org.ini, line 2"),
  ]);
  const dump = await archive({ "CONTENT/BACKENDS/MYSQL/mysql/database.sql": "" });
  await expect(readBackup(dump, options)).rejects.toThrow("mysql.conf");
});
