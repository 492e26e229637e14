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
  readonly id: number;
  readonly method: string;
  readonly parameters: readonly unknown[];
  readonly timeoutMilliseconds: number;
}

export type Answer =
  | { readonly kind: "result"; readonly value: unknown }
  | { readonly kind: "error"; readonly class: string; readonly message: string; readonly details: unknown };

/** `id`: of the call that it answers. */
export type AnswerMessage = Answer & { readonly id: number };
