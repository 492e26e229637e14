import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfigFiles, withFilesOf, writeConfigFiles } from "./config-files.ts";

const own = { hostId: "opsi.example.org", hostKey: "a".repeat(32) };

// The key of the server's object was another one than that in opsi.conf: nobody could read the passwords any more.
test("opsi.conf says who the server is, whichever it was before", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const opsi_conf = join(folder, "opsi.conf");
  const restored = (files: Parameters<typeof writeConfigFiles>[1]) => {
    writeFileSync(opsi_conf, '[host]\nid = "opsi.example.org"\nkey = "old"\n');
    writeConfigFiles({ opsi_conf }, files, own);
    return readFileSync(opsi_conf, "utf8");
  };
  const ours = `[host]\nid = "${own.hostId}"\nkey = "${own.hostKey}"\n`;
  expect(restored({})).toBe(ours);
  const other = '[host]\nid = "other.example.net"\nkey = "b"\n[groups]\nadmingroup = "x"\n';
  expect(restored({ opsi_conf: { path: "", content: other } })).toBe(`${ours}[groups]\nadmingroup = "x"\n`);
});

// After a restore the key of the CA and the users' hashes could be read by a whole group.
test("restored files keep the permissions of those that they replace, and lie where this site has them", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const paths = { ssl_ca_key: join(folder, "key.pem"), acl_conf: join(folder, "acl.conf") };
  writeFileSync(paths.ssl_ca_key, "now");
  chmodSync(paths.ssl_ca_key, 0o600);
  writeConfigFiles(
    paths,
    {
      ssl_ca_key: { path: join(folder, "elsewhere"), content: "then" },
      acl_conf: { path: paths.acl_conf, content: "rules" },
      unknown: { path: join(folder, "unknown"), content: "x" },
    },
    own,
  );
  expect(readFileSync(paths.ssl_ca_key, "utf8")).toBe("then");
  const modes = [paths.ssl_ca_key, paths.acl_conf].map((path) => (statSync(path).mode & 0o777).toString(8));
  expect(modes).toEqual(["600", "660"]);
  expect(readConfigFiles({ ...paths, missing: join(folder, "unknown") })).toMatchObject({
    ssl_ca_key: { content: "then" },
    missing: { content: null },
  });
});

test("a file of an old editor loses no letter", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const opsi_conf = join(folder, "opsi.conf");
  writeFileSync(opsi_conf, "# Köln\n[host]\n", "latin1");
  const files = readConfigFiles({ opsi_conf });
  expect(files["opsi_conf"]?.content).toBe("# Köln\n[host]\n");
  writeConfigFiles({ opsi_conf }, {}, own);
  expect(readFileSync(opsi_conf, "utf8")).toContain("# Köln\n");
});

test("licences and extensions belong to the configuration, whatever else lies beside them", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [licenses, extensions] = [join(folder, "licenses"), join(folder, "extend.d")];
  expect(withFilesOf({ acl_conf: "acl" }, { licenses, extensions })).toEqual({ acl_conf: "acl" });
  mkdirSync(licenses);
  mkdirSync(join(extensions, "folder.js"), { recursive: true });
  for (const name of ["a.ts", "a.js", "b.conf", ".a.ts.swp", "notes.txt"]) writeFileSync(join(extensions, name), name);
  writeFileSync(join(licenses, "site.opsilic"), "");
  const files = readConfigFiles(withFilesOf({}, { licenses, extensions }));
  expect(Object.fromEntries(Object.entries(files).map(([name, { content }]) => [name, content]))).toEqual({
    ...{ opsilic_site: "", extension_conf_b: "b.conf" },
    ...{ "extension_conf_a.ts": "a.ts", "extension_conf_a.js": "a.js" },
  });
});
