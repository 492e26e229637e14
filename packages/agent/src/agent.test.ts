import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ServiceClient } from "@opsi-ts/protocol";
import { expect, test } from "vitest";
import { hostKey } from "./testing/test-service.ts";
import { newSite, type TestAgent, type TestSite } from "./testing/test-site.ts";

const big = Buffer.alloc(2_000_000, "opsi");

test("what is requested is installed at the start and reported, with the logs", async () => {
  await using site = await newSite();
  site.service.addProduct("demo", { "setup.sh": site.note("demo"), "data/it's.txt": "x" });
  site.service.request("demo", "setup");
  const agent = site.start();
  await agent.says("from=ending, to=idle");

  expect(site.trace()).toEqual(["demo"]);
  expect(site.service.state("demo")).toMatchObject({
    installationStatus: "installed",
    actionRequest: "none",
    actionResult: "successful",
    lastAction: "setup",
    productVersion: "1.0",
    packageVersion: "1",
  });
  expect(site.service.logs.map(({ type }) => type)).toEqual(["instlog", "clientconnect"]);
  expect(readFileSync(join(site.folders.cacheFolder, "depot/demo/data/it's.txt"), "utf8")).toBe("x");
  // Nobody but root may read what holds the key, and no log holds it.
  expect(statSync(site.folders.configurationFile).mode & 0o077).toBe(0);
  for (const { text } of site.service.logs) expect(text).not.toContain("0f1e2d3c4b5a69788796a5b4c3d2e1f0");
  expect(agent.output()).not.toContain("0f1e2d3c4b5a69788796a5b4c3d2e1f0");

  // A second time nothing but the list is fetched.
  site.service.request("demo", "setup");
  site.service.downloads.length = 0;
  await agent.kill();
  await site.start().says("from=ending, to=idle");
  expect(site.service.downloads.map(({ path }) => path)).toEqual(["demo/demo.files"]);
  expect(site.trace()).toEqual(["demo", "demo"]);
});

test("only what changed is fetched, what is gone is removed", async () => {
  await using site = await newSite();
  site.service.addProduct("demo", { "setup.sh": site.note("one"), "old/a": "a", big });
  site.service.request("demo", "setup");
  await site.start("--event", "on_demand").ends();
  site.service.addProduct("demo", { "setup.sh": site.note("two"), big }, "2.0");
  site.service.request("demo", "setup");
  site.service.downloads.length = 0;
  await site.start("--event", "on_demand").ends();
  expect(site.service.downloads.map(({ path }) => path)).toEqual(["demo/demo.files", "demo/setup.sh"]);
  expect(existsSync(join(site.folders.cacheFolder, "depot/demo/old"))).toBe(false);
  expect(site.trace()).toEqual(["one", "two"]);
});

test("an agent that is killed while it fetches continues there", async () => {
  let stall = true;
  await using site = await newSite({
    onDownload: (path, _request, response, bytes) => {
      if (path !== "demo/big" || !stall) return false;
      response.write(bytes.subarray(0, 700_000)); // and then nothing
      return true;
    },
  });
  site.service.addProduct("demo", { "setup.sh": site.note("demo"), big });
  site.service.request("demo", "setup");
  const agent = site.start();
  await agent.says("product files are fetched");
  await setTimeout(500);
  await agent.kill();
  stall = false;
  await site.start().says("from=ending, to=idle");
  expect(site.service.downloads.filter(({ path }) => path === "demo/big").map(({ status }) => status)).toEqual([
    200, 206,
  ]);
  expect(site.service.state("demo")).toMatchObject({ installationStatus: "installed" });
});

test("a line that is cut while a file comes is taken up again", async () => {
  let cuts = 2;
  await using site = await newSite({
    onDownload: (path, _request, response, bytes) => {
      if (path !== "demo/big" || cuts-- <= 0) return false;
      response.write(bytes.subarray(0, 500_000), () => response.destroy());
      return true;
    },
  });
  site.service.addProduct("demo", { "setup.sh": site.note("demo"), big });
  site.service.request("demo", "setup");
  expect(await site.start("--event", "on_demand").ends()).toBe(0);
  expect(site.service.downloads.filter(({ path }) => path === "demo/big")).toHaveLength(3);
  expect(site.trace()).toEqual(["demo"]);
});

/** An agent in the middle of a script, which goes on when the file `gate` is there. */
async function startWaitingScript(site: TestSite): Promise<{ gate: string; first: TestAgent }> {
  const gate = join(site.root, "gate");
  site.service.addProduct("demo", {
    "setup.sh": `${site.note("begin")}\nwhile [ ! -e ${gate} ]; do sleep 0.1; done\n${site.note("end")}`,
  });
  site.service.request("demo", "setup");
  const first = site.start();
  await first.says("progress=installing");
  while (site.trace().length === 0) await setTimeout(50);
  return { gate, first };
}

test("after a power failure in the script the product is installed again", async () => {
  await using site = await newSite();
  const { gate, first } = await startWaitingScript(site);
  await first.powerOff();
  expect(site.service.state("demo")).toMatchObject({
    actionRequest: "setup",
    installationStatus: "unknown",
    actionProgress: "installing",
  });
  writeFileSync(gate, "");
  const second = site.start();
  await second.says("an earlier run was interrupted");
  await second.says("from=ending, to=idle");
  expect(site.trace()).toEqual(["begin", "begin", "end"]);
  expect(site.service.state("demo")).toMatchObject({ actionRequest: "none", installationStatus: "installed" });
});

test("an agent that is killed alone finds its action processor again and takes its result", async () => {
  await using site = await newSite();
  const { gate, first } = await startWaitingScript(site);
  await first.kill();
  const second = site.start();
  await second.says("is still at work, waiting for it");
  writeFileSync(gate, "");
  await second.says("from=ending, to=idle");
  expect(site.trace()).toEqual(["begin", "end"]);
  expect(site.service.state("demo")).toMatchObject({ actionRequest: "none", installationStatus: "installed" });
});

test("a result that nobody could take is kept through a kill and reported, and the product not installed again", async () => {
  await using site = await newSite();
  const gate = join(site.root, "gate");
  site.service.addProduct("demo", { "setup.sh": `while [ ! -e ${gate} ]; do sleep 0.1; done\n${site.note("demo")}` });
  site.service.request("demo", "setup");
  const first = site.start();
  await delivered(() => site.service.state("demo")["actionProgress"] === "installing");
  await site.service.stop();
  writeFileSync(gate, "");
  await first.says(/result=successful[\s\S]*result or log is kept/);
  await first.powerOff();
  expect(site.service.state("demo")).toMatchObject({ actionRequest: "setup" });

  await site.service.start();
  await site.start().says("from=ending, to=idle");
  expect(site.service.state("demo")).toMatchObject({
    actionRequest: "none",
    installationStatus: "installed",
    productVersion: "1.0",
  });
  expect(site.trace()).toEqual(["demo"]);
  expect(site.service.logs.at(-1)?.text).toContain("service is away, result or log is kept"); // the old log is not lost
});

test("a service that comes back gets the result without another event", async () => {
  await using site = await newSite();
  const gate = join(site.root, "gate");
  site.service.addProduct("demo", { "setup.sh": `while [ ! -e ${gate} ]; do sleep 0.1; done\n${site.note("demo")}` });
  site.service.request("demo", "setup");
  const agent = site.start();
  await delivered(() => site.service.state("demo")["actionProgress"] === "installing");
  await site.service.stop();
  writeFileSync(gate, "");
  await agent.says("from=ending, to=idle");
  await agent.says("results wait for the service");
  await site.service.start();
  await agent.says("all results are with the service");
  expect(site.service.state("demo")).toMatchObject({ actionRequest: "none", installationStatus: "installed" });
  expect(site.service.logs.map(({ type }) => type)).toContain("instlog");
}, 60_000);

test("a request that was set after a result was delivered is not taken away by a second delivery", async () => {
  await using site = await newSite();
  site.service.addProduct("demo", { "setup.sh": site.note("demo") });
  site.service.request("demo", "setup");
  await site.start("--event", "on_demand").ends();
  // As if the agent had been killed between delivery and forgetting.
  const { params } = site.service.calls.findLast(({ method }) => method === "productOnClient_updateObject") ?? {};
  writeFileSync(
    join(site.folders.stateFolder, "outbox/00000001.json"),
    JSON.stringify({ method: "productOnClient_updateObject", params }),
  );
  site.service.request("demo", "setup");
  await site.start("--event", "on_demand").ends();
  expect(site.trace()).toEqual(["demo", "demo"]);
});

test("a wrong host key: the event fails, says so, and nothing is fetched", async () => {
  await using site = await newSite();
  site.service.hosts.set("pc1.example.org", { type: "OpsiClient", id: "pc1.example.org", opsiHostKey: "f".repeat(32) });
  site.service.request("demo", "setup");
  const agent = site.start("--event", "on_demand");
  expect(await agent.ends()).toBe(1);
  expect(agent.output()).toMatch(/authentication error/);
  expect(site.service.downloads).toEqual([]);
});

test("a service that is not there: the event fails, the agent stays and fires the next one", async () => {
  await using site = await newSite({ events: "[event_often]\ntype = timer\nstart_interval = 2\n" });
  site.service.addProduct("demo", { "setup.sh": site.note("demo") });
  site.service.request("demo", "setup");
  await site.service.stop();
  const agent = site.start();
  await agent.says("event failed");
  await site.service.start();
  await agent.says(/event processing often .*from=ending, to=idle/);
  expect(site.trace()).toEqual(["demo"]);
});

test("a wrong address that the service hands out does not cut the client off", async () => {
  await using site = await newSite();
  site.service.configValues["clientconfig.configserver.url"] = ["https://nowhere.invalid:4447"];
  await site.start("--event", "on_demand").ends();
  expect(readFileSync(site.folders.configurationFile, "utf8")).toContain("url = https://nowhere.invalid:4447");
  site.service.addProduct("demo", { "setup.sh": site.note("demo") });
  site.service.request("demo", "setup");
  const agent = site.start("--event", "on_demand");
  expect(await agent.ends()).toBe(0);
  expect(agent.output()).toContain("no configured address works, the one that worked last is used");
  expect(site.trace()).toEqual(["demo"]);
});

test("a file that is not what the list says: that product fails, the other is installed", async () => {
  await using site = await newSite();
  site.service.addProduct("bad", { "setup.sh": site.note("bad"), data: "right" });
  site.service.files.set("bad/data", Buffer.from("wrong"));
  site.service.addProduct("good", { "setup.sh": site.note("good") });
  site.service.request("bad", "setup");
  site.service.request("good", "setup");
  await site.start("--event", "on_demand").ends();
  expect(site.trace()).toEqual(["good"]);
  expect(site.service.state("bad")).toMatchObject({
    actionRequest: "none",
    installationStatus: "unknown",
    actionResult: "failed",
  });
  expect(site.service.state("bad")["actionProgress"]).toMatch(/^Cache failure: .*MD5sum mismatch/);
  expect(existsSync(join(site.folders.cacheFolder, "depot/bad/bad.files"))).toBe(false);
});

test("a script that hangs is ended with all its children after the timeout, and reported", async () => {
  await using site = await newSite({ events: "[event_on_demand]\naction_processor_timeout = 3\n" });
  site.service.addProduct("demo", { "setup.sh": `sleep 313 & echo $! > ${site.root}/child\nwait` });
  site.service.request("demo", "setup");
  const agent = site.start("--event", "on_demand");
  await agent.ends();
  const child = readFileSync(`${site.root}/child`, "utf8").trim();
  expect(existsSync(`/proc/${child}`) && !/State:\s+Z/.test(readFileSync(`/proc/${child}/status`, "utf8"))).toBe(false);
  expect(site.service.state("demo")).toMatchObject({
    actionRequest: "none",
    actionResult: "failed",
    actionProgress: "Timeout",
  });
});

test("a product that needs a restart gets it after the log, and the rest follows after it", async () => {
  await using site = await newSite();
  const restarted = join(site.root, "restarted");
  // `shutdown` is the agent's own under another root: never the machine's.
  site.service.addProduct("first", { "setup.sh": `${site.note("first")}\nshutdown -r now\nexit 3` });
  site.service.addProduct("second", { "setup.sh": site.note("second") });
  site.service.request("first", "setup");
  site.service.request("second", "setup");
  const command = ["--reboot-command", `wc -l < ${site.root}/trace > ${restarted}`];
  const agent = site.start(...command);
  await agent.says("from=ending, to=idle");
  expect(site.trace()).toEqual(["first"]);
  expect(readFileSync(restarted, "utf8").trim()).toBe("1");
  expect(site.service.logs.at(-1)?.type).toBe("clientconnect");
  expect(JSON.parse(readFileSync(join(site.folders.stateFolder, "state.json"), "utf8"))).toMatchObject({
    installation_pending: "true",
  });
  await agent.kill();
  await site.start(...command).says("from=ending, to=idle");
  expect(site.trace()).toEqual(["first", "second"]);
  expect(JSON.parse(readFileSync(join(site.folders.stateFolder, "state.json"), "utf8"))).toMatchObject({
    installation_pending: "false",
  });
});

test("a product that restarts machine and agent restarts the machine, after people were warned", async () => {
  await using site = await newSite({ events: "[event_opsiclientd_start]\nshutdown_warning_time = 4\n" });
  const folder = join(site.root, "usr/lib/opsi-client-agent");
  const marker = join(folder, ".opsiclientd_restart");
  site.service.addProduct("demo", { "setup.sh": `mkdir -p ${folder}\n: > ${marker}\nshutdown -r now` });
  site.service.request("demo", "setup");
  const agent = site.start("--reboot-command", site.note("reboot"));
  await agent.says("from=ending, to=idle");
  expect(site.trace()).toEqual(["reboot"]);
  while (existsSync(marker)) await setTimeout(20);
  expect(agent.output()).not.toContain("agent restarts");
});

test("a restart that was asked for before the agent was killed comes before any further action", async () => {
  await using site = await newSite();
  site.service.addProduct("second", { "setup.sh": site.note("second") });
  site.service.request("second", "setup");
  await site.start("--event", "nothing").ends();
  writeFileSync(join(site.folders.runFolder, "reboot"), "");
  const agent = site.start("--event", "on_demand", "--reboot-command", site.note("reboot"));
  expect(await agent.ends()).toBe(0);
  expect(site.trace()).toEqual(["reboot"]);
  expect(existsSync(join(site.folders.runFolder, "reboot"))).toBe(false);
});

test("a service that is restarted while files come disturbs nothing", async () => {
  let restarted = false;
  await using site = await newSite({
    onDownload: (path, _request, response, bytes) => {
      if (path !== "demo/big" || restarted) return false;
      restarted = true;
      response.write(bytes.subarray(0, 500_000), () => {
        void site.service.stop().then(async () => {
          await setTimeout(3000);
          await site.service.start();
        });
      });
      return true;
    },
  });
  site.service.addProduct("demo", { "setup.sh": site.note("demo"), big });
  site.service.request("demo", "setup");
  expect(await site.start("--event", "on_demand").ends()).toBe(0);
  expect(site.trace()).toEqual(["demo"]);
  expect(site.service.downloads.findLast(({ path }) => path === "demo/big")).toMatchObject({ status: 206 });
});

test("whenever the power fails: in the end everything is installed, reported, and nothing is left over", async () => {
  await using site = await newSite({
    // Slowly, so that the power can fail here too.
    onDownload: async (path, _request, response, bytes) => {
      if (path !== "first/big") return false;
      for (let at = 0; at < bytes.length && !response.destroyed; at += 400_000) {
        response.write(bytes.subarray(at, at + 400_000));
        await setTimeout(60);
      }
      response.end();
      return true;
    },
  });
  for (const id of ["first", "second", "third"]) {
    const files: Record<string, string | Buffer> = {
      "setup.sh": `${site.note(`${id}-begin`)}\nsleep 0.2\n${site.note(`${id}-end`)}`,
    };
    site.service.addProduct(id, id === "first" ? { ...files, big } : files);
    site.service.request(id, "setup");
  }
  const delays = Array.from({ length: 6 }, () => Math.round(500 + Math.random() * 2000));
  for (const delay of delays) {
    const agent = site.start();
    await Promise.race([setTimeout(delay), agent.says("from=ending, to=idle")]);
    await agent.powerOff();
  }
  await site.start().says("from=ending, to=idle");
  for (const id of ["first", "second", "third"]) {
    expect(site.service.state(id), `power failed after ${delays.join(", ")} ms`).toMatchObject({
      actionRequest: "none",
      installationStatus: "installed",
      actionResult: "successful",
      actionProgress: "",
    });
    expect(site.trace()).toContain(`${id}-end`);
  }
  expect(readdirSync(join(site.folders.stateFolder, "outbox"))).toEqual([]);
  expect(readdirSync(join(site.folders.cacheFolder, "depot/first")).sort()).toEqual(["big", "first.files", "setup.sh"]);
}, 60_000);

test("an agent that is told to restart does so in its process, and takes it for no start of the machine", async () => {
  await using site = await newSite();
  const agent = site.start();
  await agent.says("from=ending, to=idle");
  site.service.addProduct("demo", { "setup.sh": site.note("demo") });
  site.service.request("demo", "setup");
  await using control = await ServiceClient.connect({
    url: `https://127.0.0.1:${site.controlPort}/opsiclientd`,
    username: "",
    password: hostKey,
    verify: "none",
  });
  await control.call("restart");
  await agent.says("opsi client agent stops");
  await agent.says(/event types are disabled for this run types="gui startup, daemon startup"/);
  expect(agent.process.exitCode).toBe(null);
  expect(site.trace()).toEqual([]);
  expect(await control.call("uptime")).toBeLessThan(5);
});

test("in WAN mode products are fetched ahead, and installed at the start that follows, without the depot", async () => {
  await using site = await newSite({ events: "[event_timer]\nstart_interval = 1\n" });
  site.service.configValues["clientconfig.wan_vpn"] = [true];
  site.service.addProduct("demo", { "setup.sh": site.note("demo"), big });
  const reboot = ["--reboot-command", site.note("reboot")];
  const first = site.start(...reboot); // learns of the mode; there is nothing to do yet
  await first.says("from=ending, to=idle");
  site.service.request("demo", "setup");
  await first.says("products are cached");
  expect(site.service.state("demo")).toMatchObject({ actionProgress: "cached", actionRequest: "setup" });
  await first.says(/sync_completed\{cache_ready\}.*from=ending, to=idle/);
  expect(site.trace()).toEqual(["reboot"]);
  await first.kill();
  site.service.downloads.length = 0;
  const second = site.start(...reboot);
  await second.says(/opsiclientd_start\{cache_ready\}.*from=ending, to=idle/);
  expect(site.trace()).toEqual(["reboot", "demo"]);
  expect(site.service.downloads).toEqual([]);
  expect(site.service.state("demo")).toMatchObject({ actionRequest: "none", installationStatus: "installed" });
});

test("products that are fetched ahead together do not push each other out of a small cache", async () => {
  const event = "[event_ahead]\ntype = custom\nprocess_actions = false\ncache_products = true\n";
  await using site = await newSite({ events: `${event}[cache_service]\nproduct_cache_max_size = 1\n` });
  for (const id of ["first", "second"]) {
    site.service.addProduct(id, { "setup.sh": site.note(id) });
    site.service.request(id, "setup");
  }
  expect(await site.start("--event", "ahead").ends()).toBe(0);
  expect(readdirSync(join(site.folders.cacheFolder, "depot")).sort()).toEqual(["first", "second"]);
});

test("the real opsi-script: a wish to restart stops the products, the rest follows after it", async () => {
  await using site = await newSite({ interpreter: true });
  const script = (...lines: string[]) => ({ "setup.sh": ["[Actions]", ...lines].join("\n") });
  site.service.addProduct("first", script("ExitWindows /Reboot"));
  site.service.addProduct("second", script("ShellScript_note", "[ShellScript_note]", site.note("second")));
  site.service.request("first", "setup");
  site.service.request("second", "setup");
  const options = ["--event", "on_demand", "--reboot-command", site.note("reboot")];
  expect(await site.start(...options).ends()).toBe(0);
  expect(site.service.state("first")).toMatchObject({ installationStatus: "installed", actionRequest: "none" });
  expect(site.trace()).toEqual(["reboot"]);
  expect(await site.start(...options).ends()).toBe(0);
  expect(site.trace()).toEqual(["reboot", "second"]);
  expect(site.service.state("second")).toMatchObject({ installationStatus: "installed", productVersion: "1.0" });
  expect(site.service.logs.find(({ type }) => type === "instlog")?.text).toContain("ExitWindows");
});

async function delivered(there: () => boolean): Promise<void> {
  while (!there()) await setTimeout(20);
}

test("two agents do not work on one folder", async () => {
  await using site = await newSite();
  const first = site.start();
  await first.says("control server listens");
  const second = site.start();
  expect(await second.ends()).toBe(1);
  expect(second.output()).toMatch(/Another agent is at work/);
});
