import { isOpsiError, OpsiError } from "@opsi-ts/model";
import {
  contentTypeOf,
  decodeBody,
  decodeJson,
  decodePlainBody,
  decodeRequest,
  defaultLimits,
  encodeAnswers,
  encodeBody,
  envelopeError,
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
import type { Session } from "../auth/session.ts";
import type { Storage } from "../backends/storage.ts";
import type { Call, Method } from "../methods/declare.ts";
import type { Site } from "../methods/site.ts";
import { bind } from "./bind.ts";

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
}

export interface RpcServiceOptions {
  readonly methods: ReadonlyMap<string, Method>;
  readonly storage: Storage;
  readonly access: AccessControl;
  readonly site: Site;
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
      const isPlain = request.contentEncoding === "" && request.body.length > 0;
      const value = isPlain ? decodePlainBody(request.body, request.contentType) : await decode(request);
      const rpcRequest = decodeRequest(value);
      const outcomes: RpcOutcome[] = [];
      for (const call of rpcRequest.calls) outcomes.push(await this.#run(call, session));
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

  /** One call. Whatever goes wrong is part of the answer. */
  async #run({ method: name, params }: RpcCall, session: Session): Promise<RpcOutcome> {
    const started = performance.now();
    const method = this.#options.methods.get(name);
    let failure: unknown = null;
    try {
      if (!method) throw new OpsiError("ValueError", `Invalid method '${name}'`);
      const call = this.#call(session);
      this.#check(method, call);
      return { result: await method.run(call, ...bind(method, params, { hardware: call.site.hardware.types })) };
    } catch (error) {
      failure = error;
      return { error: toWireError(error, { details: session.isAdmin }) };
    } finally {
      const milliseconds = performance.now() - started;
      this.#options.onCall({
        method: name,
        session,
        milliseconds,
        error: failure,
        deprecated: method?.deprecated === true,
      });
    }
  }

  #call(session: Session): Call {
    const { storage, access, site } = this.#options;
    return { session, access, storage, site, objects: new ProtectedObjects(storage, access, session) };
  }

  #check({ access, admin, name, checkedAs = name }: Method, { session, access: rules }: Call): void {
    if (access === "name") rules.check(checkedAs, session);
    if (admin && !session.isAdmin) throw new OpsiError("OpsiServicePermissionError", "Insufficient permissions");
  }
}

function decode(request: RpcRequest): Promise<unknown> | unknown {
  if (request.body.length > 0 || request.query === "") {
    return decodeBody(request.body, request.contentType, request.contentEncoding);
  }
  return decodeJson(Buffer.from(decodeURIComponent(request.query)), defaultLimits);
}

/** The answer to a request that is no call at all. (service 2.2) */
async function unreadable(error: unknown, serialization: Serialization, session: Session): Promise<RpcAnswer> {
  const wireError = toWireError(error, { details: session.isAdmin && isOpsiError(error) });
  const { bytes } = await encodeBody(envelopeError(wireError), serialization, "identity");
  return { status: 400, headers: { "content-type": contentTypeOf(serialization), ...constantHeaders }, body: bytes };
}
