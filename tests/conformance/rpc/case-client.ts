import { Agent, request } from "node:https";
import { type Answer, pick, type RecordedCase, requestBody, type Step } from "./recorded-case.ts";

const passwords: Record<string, string> = { admin: "adminuser:adminuser", user: "plainuser:plainuser" };

function credentials(recorded: RecordedCase, step: Step): string | null {
  const who = step.as ?? "admin";
  if (who === "anonymous") return null;
  if (Object.hasOwn(passwords, who)) return passwords[who] ?? null;
  const [kind, host = ""] = who.split(/:(.*)/s);
  const key = step.hostKey || (kind === "badkey" ? `${"0".repeat(31)}1` : (recorded.hostKeys?.[host] ?? ""));
  return `${host}:${key}`;
}

function post(url: string, agent: Agent, body: string, login: string | null): Promise<Answer> {
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    Accept: "application/json",
    "User-Agent": "corpus/1",
    "Content-Length": String(Buffer.byteLength(body)),
  };
  if (login !== null) headers["Authorization"] = `Basic ${Buffer.from(login).toString("base64")}`;
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ status: 0, body: String(error) });
    const call = request(`${url}/rpc`, { method: "POST", agent, headers, timeout: 60_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", failed);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    call.on("error", failed);
    call.on("timeout", () => call.destroy(new Error("no answer within 60 seconds")));
    call.end(body);
  });
}

/** Makes the calls of a case one after the other over one connection. The certificate is not looked at. */
export async function playCase(recorded: RecordedCase, url: string): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const saved = new Map<string, unknown>();
  const answers: Answer[] = [];
  try {
    for (const [index, step] of recorded.steps.entries()) {
      const answer = await post(url, agent, requestBody(step, index, saved), credentials(recorded, step));
      answers.push(answer);
      if (step.save) {
        const result = resultOf(answer.body);
        for (const [name, path] of Object.entries(step.save)) saved.set(name, pick(result, path));
      }
    }
  } finally {
    agent.destroy();
  }
  return answers;
}

function resultOf(body: string): unknown {
  try {
    return (JSON.parse(body) as { result?: unknown }).result ?? null;
  } catch {
    return null;
  }
}
