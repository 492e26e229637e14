import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../packages/protocol/src/testing/free-port.ts";
import { Program } from "../program.ts";
import { type Benchmark, inTurn, seconds } from "./benchmark.ts";
import { execute, temporaryFolder } from "./processes.ts";
import { startSite } from "./site.ts";

const gibibyte = 2 ** 30;

const nginxConfiguration = (folder: string, port: number, depot: string) => `
user root;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {}
http {
  access_log off;
  sendfile on;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    root ${depot};
  }
}
`;

async function fetchFile(url: string, cookie: string): Promise<void> {
  const said = "%{http_code} %{size_download}";
  const { stdout } = await execute("curl", [
    "-sk",
    "-A",
    "bench/1",
    "-H",
    `Cookie: ${cookie}`,
    "-o",
    "/dev/null",
    "-w",
    said,
    url,
  ]);
  if (stdout !== `200 ${gibibyte}`) throw new Error(`${url}: ${stdout}`);
}

/** One file of 1 GiB from the depot, against nginx with the same file. */
export const benchmark: Benchmark = {
  async run(say) {
    await using site = await startSite();
    await using folder = await temporaryFolder("download");
    const depot = join(site.root, "var/lib/opsi/depot");
    await mkdir(join(depot, "bench"), { recursive: true });
    await writeFile(join(depot, "bench/large.bin"), Buffer.alloc(gibibyte, "opsi"));
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=nginx"];
    await execute("openssl", [
      ...request,
      "-keyout",
      join(folder.path, "key.pem"),
      "-out",
      join(folder.path, "cert.pem"),
    ]);
    const port = await freePort();
    await writeFile(join(folder.path, "nginx.conf"), nginxConfiguration(folder.path, port, depot));
    await using _nginx = new Program("nginx", ["-c", join(folder.path, "nginx.conf")]);
    await execute("curl", [
      "-sk",
      "--retry",
      "50",
      "--retry-delay",
      "1",
      "--retry-connrefused",
      `https://127.0.0.1:${port}/`,
    ]);
    say("downloading");
    const { ours, anchor } = await inTurn(
      3,
      () => seconds(() => fetchFile(`${site.url}/depot/bench/large.bin`, site.cookie)),
      () => seconds(() => fetchFile(`https://127.0.0.1:${port}/bench/large.bin`, "")),
    );
    return [
      {
        work: "WebDAV download of 1 GiB",
        ours,
        anchor,
        unit: "s",
        ratio: anchor / ours,
        aim: 0.8,
        anchorName: "nginx",
      },
    ];
  },
};
