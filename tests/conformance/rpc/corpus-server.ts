import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startServer } from "../../../packages/server/src/start-server.ts";

export interface CorpusServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * A fresh server as the recordings want it: host server.corpus.test, users adminuser and plainuser.
 *
 * @param port 0 picks a free one
 * @param certificates folder with the CA and server certificate of an earlier server, to save the making of keys
 */
export async function startCorpusServer(root: string, port: number, certificates?: string): Promise<CorpusServer> {
  if (certificates !== undefined) {
    const ssl = join(root, "etc/opsi/ssl");
    await mkdir(ssl, { recursive: true });
    await cp(certificates, ssl, { recursive: true });
  }
  const server = await startServer({
    root,
    options: {
      port,
      interface: "127.0.0.1",
      hostId: "server.corpus.test",
      externalUrl: "https://server.corpus.test:4447",
      logLevel: 3,
    },
  });
  await server.users.set("adminuser", { password: "adminuser", groups: ["opsiadmin"] });
  await server.users.set("plainuser", { password: "plainuser", groups: [] });
  return { url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
