import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceClient } from "@opsi-ts/protocol";

/**
 * Stands in for opsi-script in the tests of the agent only: the same command line and the same calls in the same order
 * (script §3, §5.4), but the script of a product is a shell script.
 */
const words = process.argv.slice(2);
const option = (name: string) => words[words.indexOf(name) + 1] ?? "";
const credentials = Object.fromEntries(
  readFileSync(option("-credentialfile"), "utf8")
    .split("\n")
    .map((line) => line.split("=", 2) as [string, string]),
);
const clientId = option("-clientid");
const service = await ServiceClient.connect({
  url: option("-opsiservice"),
  username: credentials["username"] ?? "",
  password: credentials["password"] ?? "",
  verify: "none",
  userAgent: "opsi-script / 4.12.21.0",
});
type Row = Record<string, unknown>;
const wanted = new Set(option("-processproducts").split(","));
const states = await service.call<Row[]>("productOnClient_getObjectsWithSequence", [
  "",
  { clientId, productType: "LocalbootProduct" },
]);
let failures = 0;
let log = "";
for (const { productId } of states.filter((state) => wanted.has(String(state["productId"])))) {
  const filter = { clientId, productType: "LocalbootProduct", productId };
  const [state] = await service.call<Row[]>("productOnClient_getObjects", ["", filter]);
  const product = await service.call<Row>("getProduct_hash", [productId, "server.example.org"]);
  if (state === undefined || state["actionRequest"] === "none") continue;
  const update = (change: Row) =>
    service.call("productOnClient_updateObject", [{ ...state, modificationTime: null, ...change }]);
  await update({ actionProgress: "installing", installationStatus: "unknown" });
  const folder = join(option("-depotpath"), String(productId));
  const { status, stdout } = await new Promise<{ status: number; stdout: string }>((resolve) => {
    const child = execFile("sh", [join(folder, String(product["setupScript"]))], { cwd: folder }, (_error, output) =>
      resolve({ status: child.exitCode ?? -1, stdout: output }),
    );
  });
  log += stdout;
  if (status !== 0) failures++;
  const { productVersion, packageVersion } = product;
  const result =
    status === 0
      ? { installationStatus: "installed", actionResult: "successful" }
      : { installationStatus: "unknown", actionResult: "failed" };
  await update({
    ...result,
    actionProgress: "",
    actionRequest: "none",
    lastAction: state["actionRequest"],
    productVersion,
    packageVersion,
  });
  if (status === 3) break; // wants a restart
}
await service.call("log_write", ["instlog", `done ${[...wanted]}\n${log}`, clientId, "false"]);
await service.call("backend_exit");
await service.close();
process.exit(failures === 0 ? 0 : 1);
