import { AsyncLocalStorage } from "node:async_hooks";
import { OpsiError, pythonTypeName } from "@opsi-ts/model";
import { JsonText, jsonText } from "@opsi-ts/protocol";
import type { Session } from "../auth/session.ts";
import type { Call, Method } from "../methods/declare.ts";
import { callMethod } from "../rpc/call-method.ts";
import type { Caller, Role, ValueType } from "./extension.ts";
import type { Surroundings } from "./extension-thread.ts";
import { type Declaration, valueChecks } from "./read-declaration.ts";
import type { ThreadPool } from "./thread-pool.ts";

/** Types in Python's notation, for the interface description. */
const annotations: Readonly<Record<ValueType, string>> = {
  ...{ string: "str", number: "float", boolean: "bool", list: "list", hash: "dict", any: "Any" },
};

/** Methods of extensions that call each other; more is a method that calls itself without an end. */
const deepestCall = 4;
const depths = new WeakMap<Call, number>();

export interface ExtensionHost {
  readonly pool: ThreadPool;
  /** What has the name without this extension. */
  readonly replaced: Method | undefined;
  readonly methods: ReadonlyMap<string, Method>;
  readonly log: Surroundings["log"];
}

/** A method of an extension as one of the service's. */
export function extensionMethod(declaration: Declaration, host: ExtensionHost): Method {
  const { name, doc, parameters, deprecated = false, roles, timeoutSeconds = 60 } = declaration;
  const { replaced } = host;
  return {
    ...{ name, doc, deprecated },
    parameters: parameters.map(({ type, ...parameter }) => ({ ...parameter, annotation: annotations[type] })),
    // A file may take the place of what everybody may call, but never open what is for administrators.
    access: replaced?.access === "session" ? "session" : "name",
    ...(replaced?.admin === true ? { admin: true } : {}),
    async run(call, ...values) {
      checkRole(name, roles, call.session);
      parameters.forEach((parameter, index) => {
        checkValue(parameter, values[index]);
      });
      const request = { method: name, values, caller: callerOf(call.session) };
      const depth = depths.get(call) ?? 0;
      const around = surroundings(call, depth, declaration, host);
      return new JsonText(await host.pool.run(request, timeoutSeconds, depth, around));
    },
  };
}

function surroundings(call: Call, depth: number, { name }: Declaration, host: ExtensionHost): Surroundings {
  const inner = { ...call };
  depths.set(inner, depth + 1);
  // Messages of threads come outside of any call; what is recorded of changes must name who made them.
  const asBefore = AsyncLocalStorage.snapshot();
  return {
    log: host.log,
    call: (method, params) =>
      asBefore(async () => {
        if (depth >= deepestCall) throw new OpsiError("RuntimeError", `'${name}' calls itself again and again`);
        const wanted = method === null ? host.replaced : host.methods.get(method);
        if (!wanted)
          throw new OpsiError(
            "ValueError",
            method === null ? `'${name}' replaces no method` : `Invalid method '${method}'`,
          );
        return asJson(await callMethod(wanted, params, inner));
      }),
  };
}

const asJson = (result: unknown): string =>
  result instanceof JsonText ? result.bytes().toString() : jsonText(result ?? null);

function checkValue({ name, type, initial }: Declaration["parameters"][number], value: unknown): void {
  if (valueChecks[type](value) || (value === null && initial === null)) return;
  throw new OpsiError("TypeError", `Argument '${name}' must be a ${type}, not '${pythonTypeName(value)}'`, {
    field: name,
  });
}

const fits: Readonly<Record<Role, (session: Session) => boolean>> = {
  administrator: ({ isAdmin }) => isAdmin,
  depot: ({ hostType }) => hostType === "OpsiDepotserver" || hostType === "OpsiConfigserver",
  client: ({ hostType }) => hostType === "OpsiClient",
  user: ({ hostId }) => hostId === null,
};

function checkRole(name: string, roles: readonly Role[] | undefined, session: Session): void {
  if (roles === undefined || roles.some((role) => fits[role](session))) return;
  throw new OpsiError("OpsiServicePermissionError", `No permission for method '${name}'`);
}

const callerOf = ({ username, hostId, isAdmin, address }: Session): Caller => ({
  ...{ name: username, hostId, isAdministrator: isAdmin, address },
});
