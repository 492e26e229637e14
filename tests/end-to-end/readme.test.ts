import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../packages/protocol/src/testing/free-port.ts";
import { Program, run } from "../program.ts";

/* A new user typed what README.md says, and the first command was wrong. */

const checkout = join(import.meta.dirname, "../..");
const readme = readFileSync(join(checkout, "README.md"), "utf8");
/** What is to be typed below a heading, block by block. */
function blocksBelow(heading: string): string[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
}

let folder: string;
/** Looks like the checkout, but what is made by the way stays in it. */
let copy: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-readme-"));
  copy = join(folder, "checkout");
  await mkdir(copy);
  for (const name of ["package.json", "node_modules", "packages"])
    await symlink(join(checkout, name), join(copy, name));
  for (const name of [".gitignore", "products"]) await cp(join(checkout, name), join(copy, name), { recursive: true });
  await rm(join(copy, "products/hello-opsi/OPSI/control"), { force: true });
  await run("bash", ["-ec", "git init --quiet && git add ."], {}, copy);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("what README says to try works, line by line", { timeout: 120_000 }, async () => {
  const [start = "", ...blocks] = blocksBelow("Try it");
  expect(start).toBe("npm ci && npm start\n");
  const commands = blocks.join("");
  expect(commands.match(/^npm run opsi -- /gm)?.length).toBeGreaterThan(5);
  expect(commands).toContain("https://localhost:4447");

  const port = await freePort();
  const environment = {
    ...{ HOME: folder, XDG_CONFIG_HOME: join(folder, "config"), npm_config_update_notifier: "false" },
    ...{ OPSI_HOST_ID: "server.example.org", OPSI_ADMIN_PASSWORD: "correct horse battery" },
    ...{ OPSICONFD_PORT: String(port), OPSICONFD_INTERFACE: "127.0.0.1" },
  };
  await using server = new Program("npm", ["start"], environment, copy);
  await server.says("listens on");
  const script = `set -ex\n${commands.replaceAll("https://localhost:4447", `https://localhost:${port}`)}`;
  // who is asked for a password types it; a script has it in the environment
  const typed = { ...environment, OPSI_PASSWORD: environment.OPSI_ADMIN_PASSWORD };
  const { code, stdout, stderr } = await run("bash", ["-c", script], typed, copy);

  expect(code, stderr).toBe(0);
  expect(existsSync(join(copy, "opsi-data/var/lib/opsi/depot/hello-opsi"))).toBe(true);
  expect(readFileSync(join(copy, "opsi-client/hello-opsi.txt"), "utf8")).toContain("Hello from opsi");
  expect(stdout).toContain("product hello-opsi success");

  // `npm test` took the files of the client for sources and failed
  expect(await run("git", ["ls-files", "--others", "--exclude-standard"], {}, copy)).toMatchObject({
    code: 0,
    stdout: "",
  });
});
