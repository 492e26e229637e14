import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { siteFolders } from "../configuration/site-folders.ts";
import { formerServer } from "./former-server.ts";

function former(dispatch: string, jsonrpc?: string, global?: string) {
  const root = mkdtempSync(join(tmpdir(), "former-server-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folders = siteFolders(root);
  for (const folder of [folders.backends, folders.backendManager]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(folders.backendManager, "dispatch.conf"), dispatch);
  if (jsonrpc !== undefined) writeFileSync(join(folders.backends, "jsonrpc.conf"), jsonrpc);
  if (global !== undefined) writeFileSync(join(folders.configuration, "global.conf"), global);
  return formerServer(folders);
}

test("a depot server says whose it is, who it is and its key", () => {
  const config = "{'address': 'opsi.example.org', 'username': 'depot.example.org', 'password': 'k'}";
  expect(former(".* : jsonrpc", `config = ${config}`)).toEqual({
    ...{ serverRole: "depotserver", hostId: "depot.example.org", hostKey: "k" },
    serviceUrl: "https://opsi.example.org:4447",
  });
  const url = former(".* : jsonrpc", "config = {'address': 'https://opsi.example.org:4448/rpc'}").serviceUrl;
  expect(url).toBe("https://opsi.example.org:4448");
  const usual = former(".* : JSONRPC", "config = {'address': 'https://opsi.example.org:443/rpc'}");
  expect(usual).toEqual({ serverRole: "depotserver", serviceUrl: "https://opsi.example.org:443" });
  expect(() => former(".* : jsonrpc", "config = {'address': 'a b'}")).toThrow("'address'");
});

// In the original the word in a comment is enough.
test("a config server is none, whatever its comments say; it may have a name", () => {
  expect(former(".* : file # not jsonrpc", undefined, "# x\nhostname = Opsi.example.org\n")).toEqual({
    hostId: "opsi.example.org",
  });
  expect(former(".* : mysql")).toEqual({});
});
