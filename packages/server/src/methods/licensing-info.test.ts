import { timestamp } from "@opsi-ts/model";
import { afterEach, expect, test } from "vitest";
import { openTestRpc, type TestRpc } from "../rpc/test-rpc.ts";

let rpc: TestRpc;
afterEach(() => rpc[Symbol.asyncDispose]());

test("clients are counted by their agents; who was not seen for a year is inactive", async () => {
  const ids = ["win", "old", "edge", "linux", "mac", "oldlinux", "gone"].map((name) => `${name}.example.org`);
  const [win, old, edge, linux, mac, oldLinux, gone] = ids;
  rpc = await openTestRpc({ clients: ids });
  const now = new Date();
  const daysAgo = (days: number, time: string) =>
    `${timestamp(new Date(now.getFullYear(), now.getMonth(), now.getDate() - days, 12)).slice(0, 10)} ${time}`;
  const seen = (id: string | undefined, lastSeen: string) => ({ type: "OpsiClient", id, lastSeen });
  await rpc.admin("host_updateObjects", [
    ...[seen(win, timestamp()), seen(old, daysAgo(365, "23:59:59")), seen(edge, daysAgo(364, "00:00:00"))],
    ...[
      seen(linux, daysAgo(1, "08:00:00")),
      seen(mac, daysAgo(30, "08:00:00")),
      seen(oldLinux, daysAgo(900, "08:00:00")),
    ],
    seen(gone, timestamp()),
  ]);
  const agent = (productId: string, clientId: string | undefined, installationStatus = "installed") => ({
    ...{ type: "ProductOnClient", productType: "LocalbootProduct", productId, clientId, installationStatus },
  });
  await rpc.admin("product_createObjects", [
    ...["opsi-linux-client-agent", "opsi-mac-client-agent"].map((id) => ({
      ...{ type: "LocalbootProduct", id, productVersion: "1", packageVersion: "1" },
    })),
  ]);
  await rpc.admin("productOnClient_createObjects", [
    agent("opsi-linux-client-agent", linux),
    agent("opsi-linux-client-agent", oldLinux),
    agent("opsi-linux-client-agent", gone, "not_installed"),
    agent("opsi-mac-client-agent", mac),
  ]);
  const { client_numbers: numbers } = (await rpc.client(win ?? "")("backend_getLicensingInfo")) as {
    client_numbers: unknown;
  };
  // the config server was never seen and counts as inactive, as in the original
  expect(numbers).toEqual({ windows: 3, linux: 1, macos: 1, inactive: 3, all: 5 });
});
