import { isHash, OpsiError, pythonRepr, pythonTypeName, truthy } from "@opsi-ts/model";
import type { Serialization } from "./codecs.ts";
import { jsonText } from "./json.ts";
import { JsonText } from "./json-text.ts";
import { fromWireError, type RemoteError, type WireError } from "./wire-errors.ts";

/** One call as the server sees it. (service §2.2) */
export interface RpcCall {
  readonly version: "1.0" | "2.0";
  /** Any value; what Python takes for false is 0. Echoed in the answer. */
  readonly id: unknown;
  readonly method: string;
  /** Array or object; whatever else came is left for the binding of parameters to refuse, in the words of Python. */
  readonly params: unknown;
}

export interface RpcRequest {
  readonly calls: readonly RpcCall[];
  /** Answer with an array. An array of one call is answered with an object. (service §2.2) */
  readonly batch: boolean;
}

/** What became of a call. */
export type RpcOutcome = { readonly result: unknown } | { readonly error: WireError };

/**
 * The decoded body of a request. Every call is checked before the first one runs.
 *
 * @throws OpsiError AttributeError, KeyError `'method'`: answer with envelopeError and status 400 (service §2.1)
 */
export function decodeRequest(value: unknown): RpcRequest {
  const calls = (Array.isArray(value) ? value : [value]).map(decodeCall);
  return { calls, batch: Array.isArray(value) && calls.length !== 1 };
}

function decodeCall(value: unknown): RpcCall {
  if (!isHash(value)) {
    throw new OpsiError("AttributeError", `'${pythonTypeName(value)}' object has no attribute 'get'`);
  }
  const { jsonrpc, id, method, params } = value;
  if (!Object.hasOwn(value, "method")) throw new OpsiError("KeyError", "'method'");
  return {
    version: jsonrpc === "2.0" ? "2.0" : "1.0",
    id: truthy(id) ? id : 0,
    method: typeof method === "string" ? method : pythonRepr(method),
    params: truthy(params) ? params : [],
  };
}

/**
 * Answers to a request, in its order and form, ready for encodeBody. For JSON a result that is JsonText is put in
 * unparsed. (service §2.2)
 */
export function encodeAnswers(
  request: RpcRequest,
  outcomes: readonly RpcOutcome[],
  serialization: Serialization,
): unknown {
  const answers = request.calls.map((call, index) => {
    const outcome = outcomes[index] ?? { error: { message: "Not executed", class: "RuntimeError", details: null } };
    return serialization === "json" ? encodeAnswerJson(call, outcome) : answerObject(call, outcome);
  });
  if (!request.batch) return answers[0];
  return serialization === "json" ? joinJson(["[", ...separated(answers as JsonText[]), "]"]) : answers;
}

/** Answer with status 400 to a request whose envelope could not be read; always of the 1.0 form. (service §2.2) */
export function envelopeError(error: WireError): unknown {
  return { id: 0, error: { message: error.message, class: error.class, details: error.details }, result: null };
}

/** The body of a session layer's answer to a path that begins with `/rpc`. (service §1.6) */
export function sessionError(text: string): unknown {
  return { id: null, result: null, error: text };
}

function answerObject({ version, id }: RpcCall, outcome: RpcOutcome): Record<string, unknown> {
  if ("error" in outcome) {
    const { message, class: className, details } = outcome.error;
    return version === "2.0"
      ? { id, error: { message, code: 0, data: { class: className, details } }, jsonrpc: "2.0" }
      : { id, error: { message, class: className, details }, result: null };
  }
  const result = outcome.result ?? null;
  return version === "2.0" ? { id, result, jsonrpc: "2.0" } : { id, result, error: null };
}

function encodeAnswerJson(call: RpcCall, outcome: RpcOutcome): JsonText {
  if ("error" in outcome || !(outcome.result instanceof JsonText)) {
    return new JsonText(jsonText(answerObject(call, outcome)));
  }
  const tail = call.version === "2.0" ? ',"jsonrpc":"2.0"}' : ',"error":null}';
  return joinJson([`{"id":${jsonText(call.id)},"result":`, outcome.result, tail]);
}

/** One text if all parts are texts (a rope, copied once when it is encoded), else one piece of bytes. */
function joinJson(parts: readonly (string | JsonText)[]): JsonText {
  const texts = parts.map((part) => (typeof part === "string" ? part : part.text));
  if (texts.every((text) => typeof text === "string")) return new JsonText(texts.join(""));
  return new JsonText(Buffer.concat(texts.map((text) => (typeof text === "string" ? Buffer.from(text) : text))));
}

function separated(parts: readonly JsonText[]): (string | JsonText)[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [",", part]));
}

/** A request as our own client sends it: always 2.0. (service §6.5) */
export function encodeCall(
  id: string | number,
  method: string,
  params: readonly unknown[] | Readonly<Record<string, unknown>> = [],
): Record<string, unknown> {
  return { jsonrpc: "2.0", id, method, params };
}

/** What a client learned from one answer. */
export type RpcAnswer =
  | { readonly id: unknown; readonly result: unknown }
  | { readonly id: unknown; readonly error: RemoteError };

/**
 * One answer of either form, also that of the session layer, whose `error` is a mere text.
 *
 * @throws OpsiError OpsiBadRpcError if it is no answer at all
 */
export function decodeAnswer(value: unknown): RpcAnswer {
  if (!isHash(value)) throw new OpsiError("OpsiBadRpcError", "Answer is not an object");
  const { id = null, error = null, result } = value;
  if (error !== null) return { id, error: fromWireError(error) };
  if (result === undefined) throw new OpsiError("OpsiBadRpcError", "Answer has neither result nor error");
  return { id, result };
}
