import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makePackage, readPackage } from "@opsi-ts/opsi-package";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runScript } from "./testing/run-script.ts";

const products = fileURLToPath(new URL("../../../products", import.meta.url));
const entries = await readdir(products, { withFileTypes: true });
const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-products-"));
  await cp(products, folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

test.each(names)("%s can be made, and every script that it names is there", async (name) => {
  const { path } = await makePackage(join(folder, name), { destination: folder });
  const { product } = await readPackage(path);
  expect(product["id"]).toBe(name);
  const scripts = Object.entries(product).filter(([key, value]) => key.endsWith("Script") && value);
  expect(scripts.length).toBeGreaterThanOrEqual(3);
  const files = await readdir(join(folder, name, "CLIENT_DATA"));
  for (const [, script] of scripts) expect(files).toContain(script);
});

test("hello-opsi writes, rewrites and removes its greeting", async () => {
  const data = join(folder, "hello-opsi", "CLIENT_DATA");
  const script = (name: string) => runScript(join(data, `${name}.opsiscript`));
  const greeting = 'Grüße, "alle"';
  await writeFile(join(data, "properties.conf"), `folder = ${join(folder, "out", "deep")}\ngreeting = ${greeting}\n`);
  const file = join(folder, "out", "deep", "hello-opsi.txt");

  expect(await script("update")).toMatchObject({ exitCode: 1 }); // nothing there to update
  expect(await script("setup")).toMatchObject({ exitCode: 0 });
  expect((await readFile(file, "utf8")).split("\n")[0]).toBe(greeting);
  expect(await script("update")).toMatchObject({ exitCode: 0 });
  expect(await script("uninstall")).toMatchObject({ exitCode: 0 });
  await expect(readFile(file)).rejects.toThrow("ENOENT");
  expect(await script("uninstall")).toMatchObject({ exitCode: 0 });
});

/** Stands for apt-get, which would change this machine: notes its arguments and ends as told. */
async function aptThatEndsWith(exitCode: number) {
  const calls = join(folder, "apt-calls");
  await rm(calls, { force: true });
  await writeFile(join(folder, "apt-get"), `#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> ${calls}\nexit ${exitCode}\n`);
  await chmod(join(folder, "apt-get"), 0o755);
  return {
    environment: { PATH: `${folder}:${process.env["PATH"]}` },
    calls: async () => (await readFile(calls, "utf8").catch(() => "")).trim().split("\n"),
  };
}

test.runIf(process.platform === "linux")("debian-package asks apt for the packages of its property", async () => {
  const data = join(folder, "debian-package", "CLIENT_DATA");
  await writeFile(join(data, "properties.conf"), 'packages = ["hello", "libstdc++6"]\npurge = True\n');
  const apt = await aptThatEndsWith(0);
  for (const name of ["setup", "update", "uninstall"]) {
    expect(await runScript(join(data, `${name}.opsiscript`), apt.environment)).toMatchObject({ exitCode: 0 });
  }
  const calls = await apt.calls();
  expect(calls.every((call) => call.startsWith("noninteractive "))).toBe(true);
  expect(calls[1]).toMatch(/ install hello libstdc\+\+6$/);
  expect(calls[3]).toMatch(/ install --only-upgrade hello libstdc\+\+6$/);
  expect(calls[4]).toMatch(/ purge hello libstdc\+\+6$/);
});

test.runIf(process.platform === "linux")(
  "a failing apt fails the product, and bad names never reach a shell",
  async () => {
    const data = join(folder, "debian-package", "CLIENT_DATA");
    await rm(join(data, "properties.conf"), { force: true });
    const apt = await aptThatEndsWith(100);
    for (const name of ["setup", "update", "uninstall"]) {
      const { exitCode, log } = await runScript(join(data, `${name}.opsiscript`), apt.environment);
      expect(exitCode).toBe(1);
      expect(log).toContain("apt-get ended with exit code 100");
    }
    const harmless = await aptThatEndsWith(0);
    for (const bad of ["hello; id", "--reinstall", "$(id)", "hello -o=x"]) {
      await writeFile(join(data, "properties.conf"), `packages = ["${bad}"]\n`);
      const { exitCode, log } = await runScript(join(data, "setup.opsiscript"), harmless.environment);
      expect([exitCode, log.includes("Not names of packages")], bad).toEqual([1, true]);
    }
    expect(await harmless.calls()).toEqual([""]);
  },
);
