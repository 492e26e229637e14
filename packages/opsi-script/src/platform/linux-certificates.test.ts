import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newCa } from "../../../protocol/src/testing/certificates.ts";
import { filesWithLabel } from "./linux-certificates.ts";

test("certificates are found by their name, also in folders of the store", async () => {
  const folder = await mkdtemp(join(tmpdir(), "opsi-certificates-"));
  try {
    const { pem } = await newCa();
    await mkdir(join(folder, "company"));
    for (const name of ["a.crt", "company/b.crt"]) await writeFile(join(folder, name), pem);
    await writeFile(join(folder, "README"), "no certificate");
    const label = "opsi CA";
    expect(filesWithLabel(folder, label).sort()).toEqual([join(folder, "a.crt"), join(folder, "company/b.crt")]);
    expect(filesWithLabel(folder, "nobody")).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
