import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { isOpsiError, type OpsiError } from "@opsi-ts/model";
import { afterAll, beforeAll, expect } from "vitest";
import { type ConnectOptions, ServiceClient } from "../service-client.ts";
import { newCa, type TestCa } from "./certificates.ts";
import { newService, type TestService, type TestServiceOptions } from "./service.ts";

/** Of the tests of one file, with the CA that clients trust. */
export let folder: string;
export let ca: TestCa;
let caFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-protocol-"));
  ca = await newCa();
  caFile = join(folder, "ca.pem");
  await writeFile(caFile, ca.pem);
});
afterAll(() => rm(folder, { recursive: true }));

export const password = "geheim-ä";
const quick = { attempts: 3, maximumDelayMilliseconds: 1500 };

export function connect(service: { url: string }, options: Partial<ConnectOptions> = {}): Promise<ServiceClient> {
  return ServiceClient.connect({
    url: service.url,
    username: "pc1.example.org",
    password,
    verify: "strict",
    caFile,
    retry: quick,
    ...options,
  });
}

export function serve(options: Partial<TestServiceOptions> = {}): Promise<TestService> {
  return newService({ ca, ...options });
}

/** The class an attempt fails with, and a check that nothing of the error shows the password. */
export async function failure(attempt: Promise<unknown>): Promise<OpsiError> {
  const error = await attempt.then(
    () => new Error("did not fail"),
    (reason: unknown) => reason,
  );
  if (!isOpsiError(error)) throw error;
  const secret = [password, Buffer.from(`pc1.example.org:${password}`).toString("base64")];
  for (const text of secret) expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(text);
  return error;
}
