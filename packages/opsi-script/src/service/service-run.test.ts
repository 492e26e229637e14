import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { linux } from "../platform/linux.ts";
import { runWithService } from "./service-run.ts";
import { startTestService } from "./test-service.ts";

const clientId = "pc1.example.org";

test("the level that the service insists on is logged, whatever the script wants", async () => {
  await using started = await startTestService({
    configState_getValues: { [clientId]: { "opsi-script.global.force_min_loglevel": ["7"] } },
    productOnClient_getObjects: [],
    productOnDepot_getObjects: [{ productId: "p", productVersion: "1", packageVersion: "1" }],
    product_getObjects: [{ id: "p" }],
    productPropertyState_getValues: {},
    getDepotId: "depot.example.org",
  });
  const script = join(started.folder, "setup.opsiscript");
  await writeFile(script, '[Actions]\nSetLogLevel = 3\nDefVar $x$\ncomment "seen"\n');
  const { url, username, password, caFile } = started.login;
  const mode = { kind: "script", script, productId: "p" } as const;
  const options = { url, clientId, username, password, depotPath: started.folder, caFile, mode };
  const logFile = join(started.folder, "run.log");
  const words = { scripts: [], logFile, parameter: "", logProductId: "", userContext: "", testSyntax: false };

  const { exitCode } = runWithService({ ...words, service: options }, options, linux);

  expect(exitCode).toBe(0);
  expect(await readFile(logFile, "utf8")).toMatch(/^\[5\] .*comment: seen$/m);
  await vi.waitFor(() => expect(started.calls.at(-1)).toBe("backend_exit"), 10_000);
  expect(started.calls.slice(-3)).toEqual(["backend_getSystemConfiguration", "log_write", "backend_exit"]);
});
