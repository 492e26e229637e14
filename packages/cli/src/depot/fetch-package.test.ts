import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fetchPackage } from "./fetch-package.ts";

async function serve(files: Record<string, string>) {
  const server = createServer((request, response) => {
    const [name = ""] = (request.url ?? "").slice(1).split("?");
    const content = files[name];
    const login = Buffer.from(request.headers.authorization?.slice("Basic ".length) ?? "", "base64").toString();
    if (name.startsWith("private") && login !== "me:s:e") return response.writeHead(401).end();
    return response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const folder = await mkdtemp(join(tmpdir(), "opsi-fetch-"));
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { onProgress: () => {}, signal: new AbortController().signal };
  return (name: string, login = "") => fetchPackage(`${address.replace("//", `//${login}`)}/${name}`, folder, options);
}

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

test("a package is stored under its name, with or without a sum beside it", async () => {
  const fetched = await serve({ "a_1.0-1.opsi": "abc", "a_1.0-1.opsi.md5": md5("abc"), "b_1.0-1.opsi": "x" });
  expect(await readFile(await fetched("a_1.0-1.opsi"), "utf8")).toBe("abc");
  expect(await readFile(await fetched("b_1.0-1.opsi"), "utf8")).toBe("x");
});

test("a package that does not fit its sum is refused", async () => {
  const fetched = await serve({ "a_1.0-1.opsi": "abc", "a_1.0-1.opsi.md5": md5("abcd") });
  await expect(fetched("a_1.0-1.opsi")).rejects.toThrow("does not fit the MD5 sum");
});

test.each([
  ["c_1.0-1.opsi", "not found"],
  ["", "does not end in the name of a package"],
  ["..%2fx_1.0-1.opsi", "does not end in the name of a package"],
])("no package: %s", async (name, message) => {
  await expect((await serve({}))(name)).rejects.toThrow(message);
});

test("user and password of the address are sent, and shown in no error", async () => {
  const fetched = await serve({ "private_1.0-1.opsi": "abc" });
  expect(await readFile(await fetched("private_1.0-1.opsi", "me:s%3Ae@"), "utf8")).toBe("abc");
  for (const name of ["private_1.0-1.opsi", "missing_1.0-1.opsi", "no-package"]) {
    const error = await fetched(`${name}?token=geheim`, "me:geheim@").catch((error: unknown) => error);
    expect(String(error)).toContain(`/${name}`);
    expect(String(error)).not.toContain("geheim");
  }
});
