import type { AccessControl } from "../access-control/access-control.ts";
import type { ProtectedObjects } from "../access-control/protected-objects.ts";
import type { UserLimits } from "../access-control/user-limits.ts";
import type { Session } from "../auth/session.ts";
import type { Storage } from "../backends/storage.ts";
import { parameterType } from "./parameter-types.ts";
import type { Site } from "./site.ts";

export interface Parameter {
  readonly name: string;
  /** Value when the caller leaves it out; without one the parameter is mandatory. */
  readonly initial?: unknown;
  /** Type in Python's notation, as the interface description shows it. */
  readonly annotation?: string;
}

/** What a method works with: who calls, and the site as this caller may use it. */
export interface Call {
  readonly session: Session;
  readonly access: AccessControl;
  /** What the caller may not do though acl.conf lets him; null for hosts and most users. */
  readonly limits: UserLimits | null;
  /** Checked at every use with the caller's rights. */
  readonly objects: ProtectedObjects;
  /** Unchecked: only for what the spec says a method does with the server's own rights. */
  readonly storage: Storage;
  readonly site: Site;
}

/**
 * Who may call a method. (methods 1, access codes)
 * `name`: the rules of acl.conf for the method's name are asked before it runs.
 * `objects`: the method has no check of its own, the objects that it uses are checked.
 * `session`: everybody who is logged in.
 */
export type MethodAccess = "name" | "objects" | "session";

export interface Method {
  readonly name: string;
  readonly doc: string;
  readonly parameters: readonly Parameter[];
  /** Type of the answer in Python's notation; without it the answer is null. */
  readonly result?: string;
  /** Name of the parameter that takes all further named arguments, e.g. `filter`. */
  readonly keywords?: string;
  readonly access: MethodAccess;
  /** The method whose rules are asked where it is not this one, e.g. `hostControl_start` for `hostControlSafe_start`. */
  readonly checkedAs?: string;
  /** Only for administrators, whatever acl.conf says. */
  readonly admin?: boolean;
  readonly deprecated?: boolean;
  readonly alternative?: string;
  readonly dropVersion?: string;
  /** It changes nothing, so nobody has to know who calls it. */
  readonly readsOnly?: boolean;
  /** Values in the order of the parameters; the keywords, if any, as a hash behind them. */
  run(call: Call, ...values: unknown[]): unknown;
}

/** `"id hostId=None"` as parameters: a name alone is mandatory, the value after `=` is Python's text of the default. */
export function parameters(text: string): Parameter[] {
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => {
      const [name = "", initial] = word.split("=");
      return initial === undefined ? parameter(name) : parameter(name, { initial: pythonLiteral(initial) });
    });
}

/** @param annotation where the name does not say the type */
export function parameter(
  name: string,
  optional: { readonly initial?: unknown } = {},
  annotation = parameterType(name, optional.initial),
): Parameter {
  return { name, ...optional, ...(annotation === undefined ? {} : { annotation }) };
}

const literals: Record<string, unknown> = { None: null, True: true, False: false, "''": "", "[]": [], "{}": {} };

function pythonLiteral(text: string): unknown {
  if (Object.hasOwn(literals, text)) return literals[text];
  const quoted = /^'(.*)'$/.exec(text)?.[1];
  return quoted ?? Number(text);
}
