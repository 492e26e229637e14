import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfiguration } from "../configuration.ts";
import { ScriptLog } from "../log/log.ts";
import { linux } from "../platform/linux.ts";
import { ProductLoop } from "./product-loop.ts";
import { type Service, ServiceProblem } from "./service.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-product-loop-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A service with one product that is to be set up; `sequences` limits how often it tells so. */
function serviceWith(updates: Record<string, unknown>[], sequences = 1): Service {
  const poc = { productId: "p", clientId: "pc1.example.org", actionRequest: "setup", installationStatus: "unknown" };
  let left = sequences;
  const answers: Record<string, (parameters: readonly unknown[]) => unknown> = {
    productOnClient_getObjectsWithSequence: () => {
      if (left-- <= 0) throw new ServiceProblem("OpsiServiceConnectionError", "gone", null);
      return [poc];
    },
    productOnClient_getObjects: () => [poc],
    productOnDepot_getObjects: () => [{ productId: "p", productVersion: "1", packageVersion: "2" }],
    product_getObjects: () => [{ id: "p", setupScript: join(folder, "setup.opsiscript") }],
    productPropertyState_getValues: () => ({}),
    productOnClient_updateObject: ([state]) => void updates.push(state as Record<string, unknown>),
  };
  return {
    url: "https://localhost",
    clientId: "pc1.example.org",
    username: "pc1.example.org",
    password: "0123456789abcdef",
    lastError: null,
    call: (method, parameters) => answers[method]?.(parameters),
    close: () => {},
  };
}

function run(service: Service, script: string, testSyntax = false) {
  writeFileSync(join(folder, "setup.opsiscript"), script);
  const logFile = join(folder, "logs", "run.log");
  const log = new ScriptLog({ path: logFile, append: false, level: 6, leastLevel: 0 });
  try {
    return new ProductLoop({
      service,
      log,
      logFile,
      platform: linux,
      configuration: { ...readConfiguration("/no/such/file"), testSyntax },
      depotId: "depot.example.org",
      depotPath: folder,
      mode: { kind: "requests", productIds: null },
      parameter: "",
      userContext: "",
      testSyntax: false,
    }).run();
  } finally {
    log.close();
  }
}

test("the history of products lies beside the log", () => {
  expect(run(serviceWith([]), '[Actions]\ncomment "x"\n').successful).toBe(true);
  const history = readFileSync(join(folder, "logs", "opsi-script.history"), "utf8");
  expect(history).toMatch(/^[-\d]{10} \d\d:\d\d {2}handled : p Version: 1-2 Request: setup Result: success\n$/);
});

test("a product that was only checked, because the service says so, is not installed", () => {
  const updates: Record<string, unknown>[] = [];
  run(serviceWith(updates), `[Actions]\nShellScript_x\n[ShellScript_x]\ntouch ${folder}/touched\n`, true);
  expect(updates.at(-1)).toMatchObject({ installationStatus: "unknown", actionProgress: "ok: testsyntax" });
  expect(existsSync(join(folder, "touched"))).toBe(false);
});

test("a product that interrupts the network for a moment is installed nevertheless", () => {
  const updates: Record<string, unknown>[] = [];
  const service = serviceWith(updates);
  let failures = 1;
  const call: Service["call"] = (method, parameters) => {
    const isResult = method === "productOnClient_updateObject" && JSON.stringify(parameters).includes('"successful"');
    if (isResult && failures-- > 0) throw new ServiceProblem("OpsiServiceConnectionError", "no route", null);
    return service.call(method, parameters);
  };
  expect(run({ ...service, call }, '[Actions]\ncomment "x"\n').successful).toBe(true);
  expect(updates.at(-1)).toMatchObject({ installationStatus: "installed", actionRequest: "none" });
});

test("a wish for a reboot survives a service that is gone when the list is read again", () => {
  const result = run(serviceWith([]), "[Actions]\nExitWindows /RebootWanted\nreloadProductList\n");
  expect(result).toMatchObject({ successful: false, reboot: "rebootWanted" });
});
