/** The opsi service as scripts and the product loop use it: synchronous, because the language is. Unicode texts. */
export interface Service {
  readonly url: string;
  readonly clientId: string;
  readonly username: string;
  /** For scripts that log in somewhere else; never to be logged. */
  readonly password: string;
  /** Class and message of the last call's error. */
  readonly lastError: { readonly class: string; readonly message: string } | null;
  /**
   * @throws ServiceProblem when the service refuses the call or cannot be reached
   */
  call(method: string, parameters: readonly unknown[], timeoutSeconds?: number): unknown;
  close(): void;
}

/** An answer with an error, or no answer; `details` is the error object of the answer. */
export class ServiceProblem extends Error {
  override readonly name = "ServiceProblem";
  readonly class: string;
  readonly details: unknown;

  constructor(errorClass: string, message: string, details: unknown) {
    super(message);
    this.class = errorClass;
    this.details = details;
  }
}
