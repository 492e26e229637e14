import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runPackageScript, type ScriptSituation } from "./package-script.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "script it's-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const situation: ScriptSituation = {
  productId: "p",
  productType: "LocalbootProduct",
  productVersion: "1.0",
  packageVersion: "1",
  clientDataDir: "/var/lib/opsi/depot/p",
  depotId: "depot.example.org",
  serverVersion: "4.3",
  bootDir: "/tftpboot",
  oldProductVersion: "",
  oldPackageVersion: "",
};

async function run(script: string, options = {}): Promise<string[]> {
  const lines: string[] = [];
  const path = join(folder, "preinst");
  await writeFile(path, script);
  await runPackageScript(path, situation, { ...options, onLine: (line) => lines.push(line) });
  return lines;
}

test("only the variables of the specification are set, and no PATH", async () => {
  const lines = await run("#!/bin/sh\r\n/usr/bin/env\r\necho error >&2\r\n");
  // the shell sets two of its own
  const names = lines.filter((line) => line.includes("=") && !/^(PWD|_|SHLVL|OLDPWD)=/.test(line)).sort();
  expect(names).toEqual([
    "BOOT_DIR=/tftpboot",
    "CLIENT_DATA_DIR=/var/lib/opsi/depot/p",
    "DEPOT_ID=depot.example.org",
    "OLD_PACKAGE_VERSION=",
    "OLD_PRODUCT_VERSION=",
    "OPSI_SERVER_VERSION=4.3",
    "PACKAGE_VERSION=1",
    "PRODUCT_ID=p",
    "PRODUCT_TYPE=LocalbootProduct",
    "PRODUCT_VERSION=1.0",
  ]);
  expect(lines).toContain("error");
});

test("python becomes opsi-python, line ends those of Unix", async () => {
  const script = "#!/usr/bin/env python3\r\n# python here, pythonic there, /usr/bin/python -c\r\n";
  await expect(run(script)).rejects.toThrow("Failed to execute package script 'preinst' of package 'p'");
  const changed = "#!/usr/bin/env opsi-python\n# opsi-python here, pythonic there, /usr/bin/opsi-python -c\n";
  expect(await readFile(join(folder, "preinst"), "utf8")).toBe(changed);
});

test("a missing script counts as run", async () => {
  await runPackageScript(join(folder, "postinst"), situation);
});

test("a failing script tells what it printed last", async () => {
  await expect(run("#!/bin/sh\necho why\nexit 3\n")).rejects.toThrow("returned non-zero exit status 3. - why");
});

test("letters stay whole wherever the output is cut into pieces", async () => {
  const lines = await run(
    "#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8; do printf 'x%01023d' 0; printf '\\303'; /bin/sleep 0.05; printf '\\274\\n'; done\n",
  );
  expect(lines).toEqual(Array(8).fill(`x${"0".repeat(1023)}ü`));
});

test("a service that a script leaves behind does not hold it longer than the limit", async () => {
  const script = "#!/bin/sh\n/usr/bin/setsid /bin/sleep 15 &\n";
  const start = performance.now();
  await expect(run(script, { timeoutMilliseconds: 500 })).rejects.toThrow("0.5 seconds");
  expect(performance.now() - start).toBeLessThan(10_000);
});

test("an aborted installation starts no script", async () => {
  await expect(run("#!/bin/sh\n> started\n", { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  expect(await readdir(folder)).toEqual(["preinst"]);
});

test("a script that takes too long is ended with all that it has started", async () => {
  const start = performance.now();
  await expect(run("#!/bin/sh\n/bin/sleep 30 &\n/bin/sleep 30\n", { timeoutMilliseconds: 300 })).rejects.toThrow(
    "0.3 seconds",
  );
  expect(performance.now() - start).toBeLessThan(10_000);
});
