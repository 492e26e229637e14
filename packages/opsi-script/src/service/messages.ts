/** How the worker is told to log in; it is handed over once, in memory. */
export interface ServiceLogin {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly userAgent: string;
  /** `null`: the certificate is not checked, as in the original. */
  readonly caFile: string | null;
}

export interface CallMessage {
  readonly method: string;
  readonly parameters: readonly unknown[];
  readonly timeoutMilliseconds: number;
}

export type AnswerMessage =
  | { readonly kind: "result"; readonly value: unknown }
  | { readonly kind: "error"; readonly class: string; readonly message: string; readonly details: unknown };
