/*
 * What authors of extensions import, as `@opsi-ts/server/extension`. See docs/extend.md.
 */

export { type ErrorClass, OpsiError } from "@opsi-ts/model/errors";

/** Who may call a method, whatever acl.conf says besides. */
export type Role = "administrator" | "depot" | "client" | "user";
export const roles: readonly Role[] = ["administrator", "depot", "client", "user"];

interface ValueTypes {
  string: string;
  number: number;
  boolean: boolean;
  list: readonly unknown[];
  hash: Readonly<Record<string, unknown>>;
  any: unknown;
}

export type ValueType = keyof ValueTypes;

export interface ExtensionParameter {
  readonly name: string;
  readonly type: ValueType;
  /** Value when the caller leaves it out; without one the parameter is mandatory. Null is possible for every type. */
  readonly initial?: unknown;
}

type Value<P extends ExtensionParameter> =
  | ValueTypes[P["type"]]
  | (P extends { readonly initial: infer I } ? Extract<I, null> : never);
type Values<P extends readonly ExtensionParameter[]> = { -readonly [I in keyof P]: Value<P[I]> };

export interface Caller {
  /** User name or host id. */
  readonly name: string;
  /** Null for users. */
  readonly hostId: string | null;
  readonly isAdministrator: boolean;
  readonly address: string;
}

type Write = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** The service as a method sees it. */
export interface Service {
  readonly caller: Caller;
  /** Any method of the service, with the rights of the caller. @throws OpsiError as the method does */
  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>;
  /** The method that this one stands for. @throws OpsiError where there is none */
  replaced<T = unknown>(...params: readonly unknown[]): Promise<T>;
  /** Lines in the service's log. */
  readonly log: { readonly error: Write; readonly warning: Write; readonly notice: Write; readonly info: Write };
}

export interface ExtensionMethod<P extends readonly ExtensionParameter[] = readonly ExtensionParameter[]> {
  /** As callers name it; the name of an existing method takes its place. */
  readonly name: string;
  readonly doc: string;
  readonly parameters: P;
  /** Without roles acl.conf alone decides. */
  readonly roles?: readonly Role[];
  /** Seconds after which a call is given up; 60 if nothing is said. */
  readonly timeoutSeconds?: number;
  readonly deprecated?: boolean;
  /** The answer is what can be written as JSON. */
  run(service: Service, ...values: Values<P>): unknown;
}

/**
 * Declares a method; infers the types of the values that `run` gets.
 *
 * @example
 * export default method({
 *   name: "site_greet",
 *   doc: "Greets somebody.",
 *   parameters: [{ name: "name", type: "string", initial: "world" }],
 *   run: (_service, name) => `Hello ${name}`,
 * });
 */
export const method = <const P extends readonly ExtensionParameter[]>(declaration: ExtensionMethod<P>) => declaration;
