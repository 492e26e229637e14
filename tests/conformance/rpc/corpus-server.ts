import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeUsers } from "../../../packages/server/src/auth/test-users.ts";
import { readConfiguration } from "../../../packages/server/src/configuration/read-options.ts";
import { createSiteFolders } from "../../../packages/server/src/configuration/site-folders.ts";
import { openCore } from "../../../packages/server/src/open-core.ts";
import { startServer } from "../../../packages/server/src/start-server.ts";

export interface CorpusServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * A fresh server as the recordings want it: host server.corpus.test, users adminuser and plainuser.
 *
 * @param port 0 picks a free one
 * @param certificates folder with the CA and server certificate of an earlier server, to save the making of keys
 * @param files what the site has below etc/opsi, by path; without any it has its objects in an SQLite file
 */
export async function startCorpusServer(
  root: string,
  port: number,
  certificates?: string,
  files: Readonly<Record<string, string>> = {},
): Promise<CorpusServer> {
  if (certificates !== undefined) {
    const ssl = join(root, "etc/opsi/ssl");
    await mkdir(ssl, { recursive: true });
    await cp(certificates, ssl, { recursive: true });
  }
  const configuration = readConfiguration({
    commandLine: ["--root", root, "--port", String(port), "--interface", "127.0.0.1", "--log-level-stderr", "2"],
    environment: {
      OPSI_HOST_ID: "server.corpus.test",
      OPSICONFD_EXTERNAL_URL: "https://server.corpus.test:4447",
      OPSICONFD_INTERNAL_URL: "https://server.corpus.test:4447",
    },
    defaultRoot: root,
    hostName: "vm",
  });
  createSiteFolders(configuration.folders);
  for (const [path, text] of Object.entries(files)) {
    await writeFile(join(configuration.folders.configuration, path), text);
  }
  writeUsers(configuration.options.usersFile, {
    adminuser: { password: "adminuser", groups: ["opsiadmin", "opsifileadmins"] },
    plainuser: { password: "plainuser", groups: [] },
  });
  const server = await startServer(configuration, openCore);
  // The recorded server had no passwords yet, not even that which the setup makes up.
  await rm(join(configuration.folders.configuration, "passwd"), { force: true });
  await server.certificatesReady;
  return { url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
