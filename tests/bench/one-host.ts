import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../packages/protocol/src/testing/free-port.ts";
import { Program } from "../program.ts";
import { type Benchmark, inTurn } from "./benchmark.ts";
import { execute, temporaryFolder } from "./processes.ts";
import { startSite } from "./site.ts";

const connections = 32;
const secondsPerRound = 4;

/** Requests per second that wrk gets through. */
async function load(url: string, script: string): Promise<number> {
  const { stdout } = await execute("wrk", [
    "-t1",
    `-c${connections}`,
    `-d${secondsPerRound}`,
    "-s",
    script,
    `${url}/rpc`,
  ]);
  if (/Non-2xx/.test(stdout)) throw new Error(stdout);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

/** `host_getObjects` for one host in a session, against a bare Node server that sends the same bytes. */
export const benchmark: Benchmark = {
  async run(say) {
    await using site = await startSite();
    await using folder = await temporaryFolder("one-host");
    await site.call("host_createOpsiClient", ["pc1.example.org"]);
    const call = JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "host_getObjects",
      params: [[], { id: "pc1.example.org" }],
    });
    const { headers, text } = await site.send("/rpc", call);
    const file = (name: string) => join(folder.path, name);
    await writeFile(file("headers.json"), JSON.stringify(headers));
    await writeFile(file("answer.json"), text);
    const lines = [
      'wrk.method = "POST"',
      `wrk.body = '${call}'`,
      'wrk.headers["Content-Type"] = "application/json"',
      `wrk.headers["Cookie"] = "${site.cookie}"`,
    ];
    await writeFile(file("load.lua"), lines.join("\n"));
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=bare"];
    await execute("openssl", [...request, "-keyout", file("key.pem"), "-out", file("cert.pem")]);
    const port = await freePort();
    const bare = [join(import.meta.dirname, "bare-server.ts"), String(port)];
    const files = [file("key.pem"), file("cert.pem"), file("headers.json"), file("answer.json")];
    await using anchorServer = new Program(process.execPath, [...bare, ...files]);
    await anchorServer.says("listens");
    say("warming up");
    await load(site.url, file("load.lua"));
    await load(`https://127.0.0.1:${port}`, file("load.lua"));
    say(`4 rounds of ${secondsPerRound} s each`);
    const { ours, anchor } = await inTurn(
      4,
      () => load(site.url, file("load.lua")),
      () => load(`https://127.0.0.1:${port}`, file("load.lua")),
    );
    const work = `host_getObjects, one host, ${connections} connections`;
    return [{ work, ours, anchor, unit: "/s", ratio: ours / anchor, aim: 0.6, anchorName: "bare node:https" }];
  },
};
