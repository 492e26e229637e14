import type { Session } from "../auth/session.ts";

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

/** A complete answer; `headers` without those that every response carries. `content-length` is added here. */
export interface RpcAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** Parts of the header Server-Timing, e.g. `deserialization;dur=0.120,method_execution;dur=3.400`. (service 1.4) */
  readonly timings?: string;
}

/** What HTTP needs from the layer below it: one call, one answer, errors of methods included. (service 2) */
export interface RpcService {
  answer(request: RpcRequest, session: Session): RpcAnswer | Promise<RpcAnswer>;
}
