import { OpsiError } from "@opsi-ts/model";
import type { Call, Method } from "../methods/declare.ts";
import { bind } from "./bind.ts";

/** @throws OpsiServicePermissionError if the caller may not call the method. (methods 4) */
export function checkAccess(
  { access, admin, name, checkedAs = name }: Method,
  { session, access: rules, limits }: Call,
): void {
  if (access === "name") rules.check(checkedAs, session);
  limits?.checkMethod(name);
  if (admin && !session.isAdmin) throw new OpsiError("OpsiServicePermissionError", "Insufficient permissions");
}

/** Runs a method as if the caller had asked for it himself: his rights are checked, parameters are converted. */
export async function callMethod(method: Method, params: unknown, call: Call): Promise<unknown> {
  checkAccess(method, call);
  const values = bind(method, params, { hardware: call.site.hardware.types });
  call.limits?.checkArguments(method, values);
  return method.run(call, ...values);
}
