import { forceList, OpsiError, pythonRepr, rule } from "@opsi-ts/model";
import { networks } from "../../configuration/option-kinds.ts";
import { wholeNumber } from "../arguments.ts";
import { type Call, type Method, parameters } from "../declare.ts";

/** The state as it goes over the wire. */
function onWire({ site }: Call): Record<string, unknown> {
  const { type, maintenance } = site.service.applicationState;
  if (maintenance === null) return { type, accomplished: true };
  const { retryAfter, message, addressExceptions } = maintenance;
  return { type, accomplished: true, retry_after: retryAfter, message, address_exceptions: addressExceptions };
}

/** @throws ValueError for networks that are none */
function exceptions(given: unknown): { addressExceptions?: readonly string[] } {
  if (given === null || given === undefined) return {};
  try {
    return { addressExceptions: networks.parse(forceList(given).map(String).join(",")) };
  } catch (error) {
    throw new OpsiError("ValueError", error instanceof Error ? error.message : String(error), {
      field: "address_exceptions",
    });
  }
}

/** (methods 6) */
function setState(call: Call, given: unknown): Record<string, unknown> {
  const { type, retry_after: retryAfter, message, address_exceptions: addresses } = rule.dict.coerce(given);
  const state = call.site.service.applicationState;
  if (type === "normal") state.set("normal");
  else if (type === "maintenance") {
    state.startMaintenance({
      ...exceptions(addresses),
      ...(retryAfter === undefined || retryAfter === null ? {} : { retryAfter: wholeNumber(retryAfter) }),
      ...(typeof message === "string" ? { message } : {}),
    });
  } else {
    const text = `Invalid application state ${pythonRepr(type)}: 'normal' and 'maintenance' can be set`;
    throw new OpsiError("ValueError", text, { field: "app_state" });
  }
  return onWire(call);
}

export const applicationStateMethods: readonly Method[] = [
  {
    name: "service_setAppState",
    doc: "Starts and ends maintenance.",
    parameters: parameters("app_state wait_accomplished=30"),
    result: "dict",
    access: "name",
    admin: true,
    run: setState,
  },
];
