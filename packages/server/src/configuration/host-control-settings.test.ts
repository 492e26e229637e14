import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readHostControlSettings } from "./host-control-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "hostcontrol-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string) {
  writeFileSync(join(folder, "hostcontrol.conf"), content);
  return readHostControlSettings(folder);
}

const ports = [7, 9, 12287];

test("the shipped file", () => {
  const settings = read(`# -*- coding: utf-8 -*-
module = 'HostControl'
config = {
    "opsiclientdPort": 4441, "hostRpcTimeout": 10, "resolveHostAddress": False, "maxConnections": 500,
    "useMessagebus": "hybrid",
    "broadcastAddresses": {"0.0.0.0/0": {"255.255.255.255": [7, 9, 12287]}},
}
`);
  expect(settings).toMatchObject({ port: 4441, rpcTimeout: 10, reachableTimeout: 3, resolveHostAddress: false });
  expect(settings.broadcastAddresses).toEqual(new Map([["0.0.0.0/0", new Map([["255.255.255.255", ports]])]]));
});

test.each([
  [
    "a list of addresses",
    '["10.0.0.255", "10.1.0.255"]',
    new Map([
      ["10.0.0.255", ports],
      ["10.1.0.255", ports],
    ]),
  ],
  ["ports by address", '{"10.0.0.255": [9]}', new Map([["10.0.0.255", [9]]])],
])("the older form: %s", (_what, text, byAddress) => {
  expect(read(`config = {"broadcastAddresses": ${text}}`).broadcastAddresses).toEqual(
    new Map([["0.0.0.0/0", byAddress]]),
  );
});

test("numbers may be texts, and there is one connection at least", () => {
  const text = `{"maxConnections": 0, "opsiclientdPort": "4442", "broadcastAddresses": {"10.0.0.255": [7, "9"]}}`;
  const settings = read(`config = ${text}`);
  expect(settings).toMatchObject({ maxConnections: 1, port: 4442 });
  expect(settings.broadcastAddresses.get("0.0.0.0/0")?.get("10.0.0.255")).toEqual([7, 9]);
});

test.each([
  'config = {"broadcastAddresses": {"192.0.2.1/24": {"192.0.2.255": [9]}}}',
  'config = {"opsiclientdPort": "x"}',
  'config = {"maxConnections": "many"}',
  'config = {"broadcastAddresses": 5}',
  "config = 1",
])("%s is refused", (content) => {
  expect(() => read(content)).toThrow(/^Backend configuration error: Bad value of '\w+' in .*hostcontrol.conf/);
});
