import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileStorage } from "../file/file-storage.ts";
import type { TestDatabases } from "./test-storages.ts";
export type { TestDatabase, TestDatabases } from "./test-storages.ts";
async function fileDatabases(): Promise<TestDatabases> {
  return {
    async create() {
      const folder = await mkdtemp(join(tmpdir(), "file-storage-"));
      return {
        open: (hardware) => FileStorage.open(join(folder, "config"), { configserverId: "opsi.example.org", hostKeys: join(folder, "pckeys"), ...(hardware && { hardware }) }),
        [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}
export const testStorages = [["File", fileDatabases]] as const;
