import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { posix } from "./posix.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-posix-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

test("people are told a text as it is: macOS knows no options for it, Linux would take the name of a file", async () => {
  const told = join(folder, "told");
  await writeFile(
    join(folder, "wall"),
    `#!/bin/sh\n{ echo "$@"; cat; } > '${told}.new'\nmv '${told}.new' '${told}'\n`,
    {
      mode: 0o755,
    },
  );
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"] ?? ""}`);
  posix.notifyUsers("/etc/hostname");
  await vi.waitFor(async () => expect(await readFile(told, "utf8")).toBe("\n/etc/hostname\n"), 10_000);
});
