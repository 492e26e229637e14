import { connect } from "node:tls";
import type { Answer } from "./case-client.ts";

/** Sends bytes over a connection of their own and reads one answer; status 0 if there is none within 20 seconds. */
export async function rawExchange(text: string, port: number): Promise<Answer> {
  const method = text.split(" ", 1)[0] ?? "";
  const received = await new Promise<Buffer>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
    const finish = () => {
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    socket.setTimeout(20_000, finish);
    socket.on("error", finish);
    socket.on("end", finish);
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      if (isComplete(Buffer.concat(chunks), method)) finish();
    });
    socket.write(Buffer.from(text, "latin1"));
  });
  return parseAnswer(received) ?? { status: 0, headers: [], body: Buffer.from("no answer") };
}

function isComplete(received: Buffer, method: string): boolean {
  const answer = parseAnswer(received);
  if (answer === null) return false;
  const length = answer.headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  return method === "HEAD" || (length !== undefined && answer.body.length >= Number(length));
}

/** Only what the service sends in short answers: no chunks. */
function parseAnswer(received: Buffer): Answer | null {
  const end = received.indexOf("\r\n\r\n");
  const [first = "", ...lines] = received.toString("latin1", 0, Math.max(end, 0)).split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1];
  if (end < 0 || status === undefined) return null;
  const headers = lines.map((line): [string, string] => {
    const [, name = "", value = ""] = /^([^:]+):[ \t]*(.*)$/.exec(line) ?? [];
    return [name, value];
  });
  return { status: Number(status), headers, body: received.subarray(end + 4) };
}
