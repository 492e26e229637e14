/**
 * A request that the session layer does not let through. The text goes to the caller as it is, without the
 * description that an OpsiError carries. (service 1.6)
 */
export class Refusal extends Error {
  readonly status: number;
  /** Class name in the answers of REST endpoints. */
  readonly class: string;
  /** Seconds for the header Retry-After. */
  readonly retryAfter: number | undefined;
  /** How to shorten the text for `x-opsi-error`, 401 adds `WWW-Authenticate`; both are up to the transport. */
  constructor(status: number, text: string, options: { class?: string; retryAfter?: number } = {}) {
    super(text);
    this.name = "Refusal";
    this.status = status;
    this.class = options.class ?? (status === 401 ? "OpsiServicePermissionError" : "ConnectionRefusedError");
    this.retryAfter = options.retryAfter;
  }
}

export const authorizationMissing = () => new Refusal(401, "Authorization header missing");
export const authorizationUnsupported = () => new Refusal(401, "Authorization method unsupported");
export const permissionDenied = () => new Refusal(401, "Permission denied");
export const clientBlocked = (address: string) => new Refusal(403, `Client '${address}' is blocked`);
export const sentByOtherSite = () => new Refusal(403, "Requests that a page of another site makes are not answered");
export const networkNotAllowed = (address: string) => new Refusal(403, `Host '${address}' is not allowed to connect`);
export const tooManySessions = (address: string, userAgent: string, maximum: number) =>
  new Refusal(403, `Too many sessions from ${address} / ${userAgent}, maximum is: ${maximum}`);
export const configedTooOld = (version: string, least: string) =>
  new Refusal(426, `Configed ${version} is not allowed to connect (min-configed-version: ${least})`);
