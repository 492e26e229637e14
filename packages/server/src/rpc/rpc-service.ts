import { type ConversionContext, convertParameter, isHash, isOpsiError, OpsiError } from "@opsi-ts/model";
import {
  bodyFromQuery,
  contentTypeOf,
  decodeBody,
  decodePlainBody,
  decodeRequest,
  encodeAnswers,
  encodeBody,
  envelopeError,
  JsonText,
  jsonText,
  type Limits,
  needsIndependentBlocks,
  plainJsonBody,
  type RpcCall,
  type RpcOutcome,
  responseCompression,
  responseSerialization,
  type Serialization,
  toWireError,
} from "@opsi-ts/protocol";
import type { AccessControl } from "../access-control/access-control.ts";
import { ProtectedObjects } from "../access-control/protected-objects.ts";
import { actAs, actorOf } from "../audit/actor.ts";
import type { Session } from "../auth/session.ts";
import type { Storage } from "../backends/storage.ts";
import { Turn } from "../backends/turn.ts";
import { systemFailure } from "../depot/system-error.ts";
import type { Call, Method } from "../methods/declare.ts";
import type { Site } from "../methods/site.ts";
import { userLimits } from "../methods/user-limits.ts";
import { bind } from "./bind.ts";
import { checkAccess } from "./call-method.ts";

/** A request to `/rpc` as it came: the session layer is done with it, nothing is decoded. Absent headers are "". */
export interface RpcRequest {
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly accept: string;
  readonly acceptEncoding: string;
  readonly userAgent: string;
  /** The raw query string without `?`: the request itself if the body is empty. (service 2.1) */
  readonly query: string;
}

/** A complete answer; `headers` without those that every response carries. */
export interface RpcAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** One call that was answered, for the log. */
export interface CallRecord {
  readonly method: string;
  readonly session: Session;
  readonly milliseconds: number;
  readonly error: unknown;
  readonly deprecated: boolean;
  /** How many there were. */
  readonly parameters: number;
  readonly result: unknown;
}

export interface RpcServiceOptions {
  readonly methods: ReadonlyMap<string, Method>;
  readonly storage: Storage;
  readonly access: AccessControl;
  readonly site: Site;
  /** What a request may cost. */
  readonly limits: Limits;
  onCall(record: CallRecord): void;
}

const constantHeaders: Readonly<Record<string, string>> = {
  accept: "application/msgpack,application/json",
  "accept-encoding": "lz4,gzip",
};

const jsonHeaders = { "content-type": contentTypeOf("json"), ...constantHeaders };

/** Decodes requests, runs the methods that they name and encodes what comes of it. (service 2) */
export class RpcService {
  readonly #options: RpcServiceOptions;

  constructor(options: RpcServiceOptions) {
    this.#options = options;
  }

  async answer(request: RpcRequest, session: Session): Promise<RpcAnswer> {
    const serialization = responseSerialization(request.contentType, request.accept);
    try {
      const compression = responseCompression(request.acceptEncoding);
      const { contentEncoding, body } = request;
      const isPlain = contentEncoding === "" && body.length > 0 && body.length <= smallBody;
      const value = isPlain ? decodePlainBody(body, request.contentType) : await decode(request, this.#options.limits);
      const rpcRequest = decodeRequest(value);
      const { calls } = rpcRequest;
      const outcomes =
        calls.length === 1 && calls[0] ? [await this.#run(calls[0], session)] : await this.#runAll(calls, session);
      const answers = encodeAnswers(rpcRequest, outcomes, serialization);
      const text = serialization === "json" ? plainJsonBody(answers) : null;
      if (text !== null) return { status: 200, headers: jsonHeaders, body: text };
      const independentBlocks = needsIndependentBlocks(request.userAgent);
      const { bytes, headers } = await encodeBody(answers, serialization, compression, { independentBlocks });
      return { status: 200, headers: { ...headers, ...constantHeaders }, body: bytes };
    } catch (error) {
      return unreadable(error, serialization, session);
    }
  }

  /** The calls of a batch in order. Between them others get their turn. (service 2.2) */
  async #runAll(calls: readonly RpcCall[], session: Session): Promise<RpcOutcome[]> {
    const outcomes: RpcOutcome[] = [];
    const turn = new Turn();
    let size = 0;
    for (const call of calls) {
      if (size > largestBatch) {
        const text = "The answers to this batch are too large: send fewer calls at once";
        outcomes.push({ error: toWireError(new OpsiError("BackendUnaccomplishableError", text), { details: false }) });
        continue;
      }
      const outcome = await this.#run(call, session);
      const kept = "error" in outcome ? outcome : { result: asText(outcome.result) };
      if ("result" in kept) size += kept.result.text.length;
      outcomes.push(kept);
      if (turn.isOver) await turn.pass();
    }
    return outcomes;
  }

  /** One call. Whatever goes wrong is part of the answer. */
  async #run({ method: name, params }: RpcCall, session: Session): Promise<RpcOutcome> {
    const started = performance.now();
    const method = this.#options.methods.get(name);
    let failure: unknown = null;
    let result: unknown = null;
    try {
      if (!method) throw new OpsiError("ValueError", `Invalid method '${name}'`);
      const call = await this.#call(session);
      checkAccess(method, call);
      const context = { hardware: call.site.hardware.types };
      const given = isLong(params) ? await convertInTurns(params, context) : params;
      const values = bind(method, given, context);
      call.limits?.checkArguments(method, values);
      // Hot path (bench one-host): the context of `actAs` costs as much as the method
      result = method.readsOnly
        ? await method.run(call, ...values)
        : await actAs(actorOf(session, name), () => method.run(call, ...values));
      return { result };
    } catch (error) {
      failure = error;
      return { error: toWireError(systemFailure(error, session.isAdmin) ?? error, { details: session.isAdmin }) };
    } finally {
      const milliseconds = performance.now() - started;
      this.#options.onCall({
        method: name,
        session,
        milliseconds,
        error: failure,
        deprecated: method?.deprecated === true,
        parameters: Array.isArray(params) ? params.length : isHash(params) ? Object.keys(params).length : 0,
        result,
      });
    }
  }

  async #call(session: Session): Promise<Call> {
    const { storage, access, site } = this.#options;
    const limits = session.hostId === null ? await userLimits(storage, site, session) : null;
    const objects = new ProtectedObjects(storage, access, session, limits);
    return { session, access, storage, site, limits, objects };
  }
}

/** Smaller ones are decoded in one go. */
const smallBody = 256 * 1024;

/** Characters or bytes that the answers to the calls of one batch may have before the rest is refused. */
const largestBatch = 64_000_000;

/** What is kept until the last call of a batch is done: text is shorter than values, and its length is known. */
const asText = (result: unknown): JsonText => (result instanceof JsonText ? result : new JsonText(jsonText(result)));

/** Lists of more elements are converted piece by piece. */
const longList = 1000;

const isLong = (params: unknown): params is readonly unknown[] =>
  Array.isArray(params) && params.some((param) => Array.isArray(param) && param.length > longList);

/** What `bind` would do with long lists at once; it leaves alone what is converted. */
async function convertInTurns(params: readonly unknown[], context: ConversionContext): Promise<unknown[]> {
  const turn = new Turn();
  const converted: unknown[] = [];
  for (const param of params) {
    if (!Array.isArray(param) || param.length <= longList) {
      converted.push(param);
      continue;
    }
    const list: unknown[] = [];
    for (const element of param) {
      list.push(convertParameter(element, context));
      if (turn.isOver) await turn.pass();
    }
    converted.push(list);
  }
  return converted;
}

function decode(request: RpcRequest, limits: Limits): Promise<unknown> {
  if (request.body.length > 0 || request.query === "") {
    return decodeBody(request.body, request.contentType, request.contentEncoding, limits);
  }
  return decodeBody(bodyFromQuery(request.query), "application/json", "", limits);
}

/** The answer to a request that is no call at all. (service 2.2) */
async function unreadable(error: unknown, serialization: Serialization, session: Session): Promise<RpcAnswer> {
  const wireError = toWireError(error, { details: session.isAdmin && isOpsiError(error) });
  const { bytes } = await encodeBody(envelopeError(wireError), serialization, "identity");
  return { status: 400, headers: { "content-type": contentTypeOf(serialization), ...constantHeaders }, body: bytes };
}
