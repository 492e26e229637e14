import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { join } from "node:path";
import { Program } from "./program.ts";

export interface ServerPlace {
  readonly root: string;
  readonly port: number;
  /** More options of the command line. */
  readonly words?: readonly string[];
}

/** A server in a process of its own, which has its final certificate and answers at 127.0.0.1. */
export async function startServerProgram(
  { root, port, words = [] }: ServerPlace,
  environment: Record<string, string>,
): Promise<Program> {
  const main = join(import.meta.dirname, "../packages/server/src/main.ts");
  const place = ["--root", root, "--port", String(port), "--interface", "127.0.0.1"];
  await using opening = new AsyncDisposableStack();
  const program = opening.use(new Program(process.execPath, [main, ...place, ...words], environment));
  await program.says("listens on");
  // In its first seconds a new server makes its CA; it answers this request when it is done.
  const request = get({
    host: "127.0.0.1",
    port,
    path: "/ssl/opsi-ca-cert.pem",
    rejectUnauthorized: false,
    agent: false,
  });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  opening.move();
  return program;
}
