import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfigFiles, writeConfigFiles } from "./config-files.ts";

// After a restore the key of the CA and the users' hashes could be read by a whole group.
test("restored files keep the permissions of those that they replace, and lie where this site has them", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const paths = { ssl_ca_key: join(folder, "key.pem"), acl_conf: join(folder, "acl.conf") };
  writeFileSync(paths.ssl_ca_key, "now");
  chmodSync(paths.ssl_ca_key, 0o600);
  writeConfigFiles(paths, {
    ssl_ca_key: { path: join(folder, "elsewhere"), content: "then" },
    acl_conf: { path: paths.acl_conf, content: "rules" },
    unknown: { path: join(folder, "unknown"), content: "x" },
  });
  expect(readFileSync(paths.ssl_ca_key, "utf8")).toBe("then");
  const modes = [paths.ssl_ca_key, paths.acl_conf].map((path) => (statSync(path).mode & 0o777).toString(8));
  expect(modes).toEqual(["600", "660"]);
  expect(readConfigFiles({ ...paths, missing: join(folder, "unknown") })).toMatchObject({
    ssl_ca_key: { content: "then" },
    missing: { content: null },
  });
});
