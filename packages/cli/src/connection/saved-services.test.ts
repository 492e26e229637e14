import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSavedServices, writeSavedServices } from "./saved-services.ts";

async function newFile(content?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "opsi-services-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "below", "opsi-cli.toml");
  if (content === undefined) return file;
  await writeFile(join(folder, "file.toml"), content);
  return join(folder, "file.toml");
}

test("what was written is read, and only its owner can read it", async () => {
  const file = await newFile();
  const saved = {
    fallback: "main",
    services: { main: { url: "https://a:4447", username: "u", password: 'p"ü\\', caFile: undefined } },
  };
  await writeSavedServices(file, saved);
  expect(await readSavedServices(file)).toEqual(saved);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("what cannot be put in its place does not stay beside it with its passwords", async () => {
  const file = await newFile();
  await mkdir(join(file, "in-the-way"), { recursive: true });
  await expect(writeSavedServices(file, { fallback: null, services: {} })).rejects.toThrow();
  expect(await readdir(dirname(file))).toEqual(["opsi-cli.toml"]);
});

test("no file holds nothing", async () => {
  expect(await readSavedServices(await newFile())).toEqual({ fallback: null, services: {} });
});

test.each([
  ["[services.a]\nusername = 'x'", "services.a.url is missing"],
  ["[services.a]\nurl = 'x'\npassword = 5", "services.a.password must be a text"],
])("a wrong file names the key: %s", async (content, message) => {
  await expect(readSavedServices(await newFile(content))).rejects.toThrow(message);
});

test("a syntax error does not show the password that stands near it", async () => {
  const file = await newFile('[services.a]\nurl = "x"\npassword = "geheim\n');
  await expect(readSavedServices(file)).rejects.toThrow(/TOML/);
  await expect(readSavedServices(file)).rejects.not.toThrow(/geheim/);
});
