import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { isRecord } from "../json-values.ts";
import { rawExchange } from "./raw-exchange.ts";
import { fill, type RecordedCase, type Step } from "./recorded-case.ts";
import { type RequestBody, requestBody } from "./request-body.ts";

/** An answer as it came; status 0: the connection was closed without one. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

const logins = new Map([
  ["admin", "adminuser:adminuser"],
  ["user", "plainuser:plainuser"],
]);

const patience = 60_000;

/** Makes the requests of a case in order over one connection. The certificate is not looked at. */
export class CaseClient implements Disposable {
  readonly #case: RecordedCase;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  readonly #cookies = new Map<string, string>();
  readonly #saved = new Map<string, string>();

  constructor(recorded: RecordedCase, port: number) {
    this.#case = recorded;
    this.#port = port;
  }

  async setUp(): Promise<void> {
    for (const { method, params = [], as = "admin" } of this.#case.setup ?? []) {
      const json = { jsonrpc: "2.0", id: 1, method, params: fill(params, new Map()) };
      const { body } = await this.#send({ method: "POST", path: "/rpc", as, json });
      const answer: unknown = JSON.parse(body.toString() || "{}");
      if (isRecord(answer) && "error" in answer) {
        console.error(`set-up ${method}: ${JSON.stringify(answer["error"]).slice(0, 300)}`);
      }
    }
  }

  async play(step: Step): Promise<Answer> {
    if (step.wait !== undefined) await sleep(step.wait * 1000);
    const answer = await this.#send(step);
    this.#remember(step, answer);
    return answer;
  }

  /** Where `Location` may lead without that it is said. */
  origin({ headers = {} }: Step): string {
    return `https://${fill(headers, this.#saved)["Host"] ?? `127.0.0.1:${this.#port}`}`;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #send(step: Step): Promise<Answer> {
    if (step.raw !== undefined) return rawExchange(fill(step.raw, this.#saved), this.#port);
    const body = await requestBody(step, this.#saved);
    const query = step.query === undefined ? "" : `?${fill(step.query, this.#saved)}`;
    const options = {
      host: "127.0.0.1",
      port: this.#port,
      agent: this.#agent,
      method: step.method ?? "GET",
      path: fill(step.path ?? "/", this.#saved) + query,
      headers: this.#headers(step, body),
      timeout: patience,
    };
    try {
      return await exchange(options, body?.bytes ?? null, step.chunked);
    } catch (error) {
      // the service may have closed the idle connection just then
      const again = isTimeout(error) ? error : await exchange(options, body?.bytes ?? null, step.chunked).catch(String);
      return isAnswer(again) ? again : { status: 0, headers: [], body: Buffer.from(String(again)) };
    }
  }

  #headers(step: Step, body: RequestBody | null): Record<string, string> {
    const headers = new Map([["user-agent", "corpus-http/1"]]);
    const login = this.#login(step);
    if (login !== null) headers.set("authorization", `Basic ${Buffer.from(login).toString("base64")}`);
    if (body?.contentType) headers.set("content-type", body.contentType);
    const jar = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const cookie = step.cookie === "jar" ? jar : fill(step.cookie ?? "", this.#saved);
    if (cookie !== "") headers.set("cookie", cookie);
    for (const [name, value] of Object.entries(fill(step.headers ?? {}, this.#saved))) {
      if (value === null) headers.delete(name.toLowerCase());
      else headers.set(name.toLowerCase(), value.replace(/[^\0-\xff]/g, "?"));
    }
    const writes = body !== null || ["POST", "PUT", "PROPPATCH", "LOCK"].includes(step.method ?? "GET");
    if (step.chunked !== undefined) headers.set("transfer-encoding", "chunked");
    else if (writes && !headers.has("content-length")) headers.set("content-length", String(body?.bytes.length ?? 0));
    return Object.fromEntries(headers);
  }

  #login({ login, as = "anonymous" }: Step): string | null {
    if (login !== undefined) return fill(login, this.#saved);
    if (as === "anonymous") return null;
    const [kind, host = ""] = as.split(/:(.*)/s);
    const key = kind === "badkey" ? `${"0".repeat(31)}1` : (this.#case.hostKeys?.[host] ?? "");
    return logins.get(as) ?? fill(`${host}:${key}`, this.#saved);
  }

  #remember(step: Step, answer: Answer): void {
    const values = (wanted: string) =>
      answer.headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    const cookies = values("set-cookie").map((value) => (value.split(";", 1)[0] ?? "").split(/=(.*)/s));
    if (step.cookie === "jar" && answer.status !== 401) {
      for (const [name = "", value = ""] of cookies) this.#cookies.set(name.trim(), value.trim());
    }
    for (const [name, source] of Object.entries(step.save ?? {})) {
      const [kind, what = ""] = source.split(/:(.*)/s);
      let found: unknown;
      if (kind === "header") found = values(what)[0];
      else if (kind === "cookie") found = cookies[0]?.[1];
      else if (kind === "text") found = new RegExp(what).exec(answer.body.toString())?.[1];
      else found = pick(answer.body, what);
      this.#saved.set(name, String(found ?? "missing"));
    }
  }
}

const isAnswer = (value: unknown): value is Answer => isRecord(value) && "status" in value;
const isTimeout = (error: unknown) => error instanceof Error && error.message === "timeout";

/** One request. The body goes out in chunks of so many bytes, or in one piece. */
async function exchange(options: RequestOptions, body: Buffer | null, chunked?: number): Promise<Answer> {
  const call = request(options);
  call.useChunkedEncodingByDefault = false; // no header that nobody asked for
  call.on("timeout", () => call.destroy(new Error("timeout")));
  call.on("error", () => undefined); // told by `answered`, or by the response
  const answered = once(call, "response") as Promise<[IncomingMessage]>;
  if (body !== null && chunked !== undefined) {
    for (let at = 0; at < body.length; at += chunked) call.write(body.subarray(at, at + chunked));
    call.end();
  } else {
    call.end(body ?? undefined);
  }
  const [response] = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { rawHeaders } = response;
  const headers = Array.from({ length: rawHeaders.length / 2 }, (_, index): [string, string] => [
    rawHeaders[2 * index] ?? "",
    rawHeaders[2 * index + 1] ?? "",
  ]);
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) };
}

/** The part of a JSON body that a path like `0.id` leads to. */
function pick(body: Buffer, path: string): unknown {
  let found: unknown;
  try {
    found = JSON.parse(body.toString());
  } catch {
    return undefined;
  }
  for (const part of path.split(".").filter((name) => name !== "")) {
    found = typeof found === "object" && found !== null ? Reflect.get(found, part) : undefined;
  }
  return found;
}
