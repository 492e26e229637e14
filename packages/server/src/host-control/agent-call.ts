import { request } from "node:http";
import { OpsiError } from "@opsi-ts/model";
import { type AgentAddress, type AgentTrust, connectAgent } from "./agent-connection.ts";

/** Characters that an agent may answer. */
const largestAnswer = 16_000_000;

export interface AgentCall extends AgentAddress {
  readonly hostKey: string;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * Calls a method of an agent's control interface. (methods 10.4, agent 6)
 *
 * @throws the signal's reason; OpsiServiceVerificationError; OpsiRpcError with what the agent said
 */
export async function callAgent(call: AgentCall, trust: AgentTrust, signal: AbortSignal): Promise<unknown> {
  const socket = await connectAgent(call, trust, signal);
  try {
    const { method, params } = call;
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = request({
        createConnection: () => socket,
        method: "POST",
        path: "/opsiclientd",
        signal,
        headers: {
          Host: `${call.hostId}:${call.port}`,
          Connection: "close",
          "Content-Type": "application/json",
          "Content-Length": Buffer.byteLength(body),
          Accept: "application/json",
          "Accept-Encoding": "identity",
          Authorization: `Basic ${Buffer.from(`:${call.hostKey}`).toString("base64")}`,
        },
      });
      sent.on("error", reject);
      sent.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("error", reject);
        response.on("data", (piece: string) => {
          text += piece;
          if (text.length > largestAnswer) response.destroy(new Error("The answer of the agent is too long"));
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.end(body);
    });
    return resultOf(call.hostId, answer.status, answer.text);
  } finally {
    socket.destroy();
  }
}

function resultOf(hostId: string, status: number, text: string): unknown {
  if (status === 401 || status === 403) {
    throw new OpsiError("OpsiServiceAuthenticationError", `The agent on '${hostId}' refuses the host key: ${text}`);
  }
  let answer: { result?: unknown; error?: unknown };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch (error) {
    throw new OpsiError("OpsiRpcError", `The agent on '${hostId}' answers with status ${status} and no JSON`, {
      cause: error,
    });
  }
  const { result = null, error = null } = answer ?? {};
  if (error === null) return result;
  const { message } = typeof error === "object" ? (error as { message?: unknown }) : { message: error };
  throw new OpsiError("OpsiRpcError", String(message ?? JSON.stringify(error)));
}
