import { OpsiError, type OpsiObject, pythonRepr, rule } from "@opsi-ts/model";
import { sendBroadcast } from "../host-control/broadcast.ts";
import { type ControlledHost, errorText, type HostResult } from "../host-control/host-control.ts";
import { filterValues, wholeNumber } from "./arguments.ts";
import { meantClients, someHosts } from "./controlled-hosts.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { productsOnClients } from "./families.ts";
import { updateWithDependencies } from "./product-sequence.ts";
import { wakeHosts } from "./wake-hosts.ts";

/** Longest time that a caller may ask for, in seconds. */
const longestTimeout = 3600;

function seconds(timeout: unknown): number | undefined {
  if (timeout === null || timeout === undefined || timeout === "") return undefined;
  return Math.min(Math.max(rule.float.coerce(timeout), 1), longestTimeout);
}

async function onClients(
  call: Call,
  hostIds: unknown,
  method: string,
  params: readonly unknown[] | ((client: ControlledHost) => readonly unknown[]),
  timeout?: number,
): Promise<Record<string, HostResult>> {
  const clients = await meantClients(call, hostIds);
  const paramsOf = typeof params === "function" ? params : () => params;
  return Object.fromEntries(await call.site.hostControl.call(clients, method, paramsOf, timeout));
}

const popupModes = new Set<unknown>(["prepend", "append", "replace"]);

/** opsi-configed sends the text "True" as mode. */
function popup(call: Call, ...values: unknown[]): Promise<Record<string, HostResult>> {
  const [message, hostIds, mode, addTimestamp, displaySeconds] = values;
  const params = [String(message), popupModes.has(mode) ? mode : "prepend", rule.bool.coerce(addTimestamp)];
  const limited = displaySeconds !== null && displaySeconds !== undefined;
  return onClients(call, hostIds, "showPopup", limited ? [...params, wholeNumber(displaySeconds)] : params);
}

/** The agent gives up after `timeout` seconds; a little later we do. */
function execute(call: Call, ...values: unknown[]): Promise<Record<string, HostResult>> {
  const [command, hostIds, waitForEnding, captureStderr, encoding, timeout] = values;
  const wait = rule.bool.coerce(waitForEnding);
  const limit = seconds(timeout) ?? 300;
  const params = [String(command), wait, rule.bool.coerce(captureStderr), encoding ?? null, limit];
  return onClients(call, hostIds, "execute", params, wait ? limit + 5 : undefined);
}

function agentRpc(call: Call, ...values: unknown[]): Promise<Record<string, HostResult>> {
  const [method, params, hostIds, timeout] = values;
  return onClients(call, hostIds, String(method), filterValues(params), seconds(timeout));
}

async function reachable(call: Call, hostIds: unknown, timeout: unknown): Promise<Record<string, boolean>> {
  const clients = await meantClients(call, hostIds);
  return Object.fromEntries(await call.site.hostControl.reachable(clients, seconds(timeout)));
}

/** Has clients process what is requested: all of it, or some products with those that they need. (methods 10.5) */
async function processActionRequests(call: Call, ...values: unknown[]): Promise<Record<string, HostResult>> {
  const [hostIds, products, givenVisibility] = values;
  const visibility = givenVisibility === "" ? null : givenVisibility;
  if (visibility !== null && visibility !== "visible" && visibility !== "hidden") {
    const text = `Invalid visibility ${pythonRepr(visibility)}`;
    throw new OpsiError("ValueError", text, { field: "visibility" });
  }
  const productIds = filterValues(products).map(rule.productId.coerce);
  if (productIds.length === 0) {
    return onClients(call, hostIds, "processActionRequests", visibility === null ? [] : [null, visibility]);
  }
  const clients = await meantClients(call, hostIds);
  const filter = { clientId: clients.map(({ id }) => id), productId: productIds };
  const requested = (await call.objects.read(productsOnClients, [], filter)).filter(isRequested);
  const expanded = (await updateWithDependencies(call, requested)).filter(isRequested);
  const wantedOf = Map.groupBy(expanded, ({ clientId }) => String(clientId));
  const asks = new Set(requested.map(({ clientId }) => String(clientId)));
  const error = (id: string) =>
    `No product action requests set for client '${id}' and products ${pythonRepr(productIds)}`;
  const idle = clients.filter(({ id }) => !asks.has(id)).map(({ id }) => [id, { result: null, error: error(id) }]);
  const paramsOf = ({ id }: ControlledHost) => [
    (wantedOf.get(id) ?? []).map(({ productId }) => productId),
    ...(visibility === null ? [] : [visibility]),
  ];
  const asked = clients.filter(({ id }) => asks.has(id));
  const answers = await call.site.hostControl.call(asked, "processActionRequests", paramsOf);
  return Object.fromEntries([...idle, ...answers]);
}

const isRequested = ({ actionRequest }: OpsiObject) => (actionRequest ?? "none") !== "none";

async function broadcast(_call: Call, address: unknown, ports: unknown, data: unknown): Promise<null> {
  const text = String(data).replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw new OpsiError("ValueError", "Incorrect padding", { field: "data" });
  }
  const numbers = filterValues(ports).map(wholeNumber);
  const bad = numbers.find((port) => port < 1 || port > 65_535);
  if (bad !== undefined) throw new OpsiError("ValueError", `Bad port: ${bad}`, { field: "ports" });
  try {
    await sendBroadcast(rule.string.coerce(address), numbers, Buffer.from(text, "base64"));
  } catch (error) {
    throw new OpsiError("OSError", errorText(error), { field: "broadcast_address", cause: error });
  }
  return null;
}

interface ControlMethod {
  /** Parameters of the plain variant; `hostIds` among them. */
  readonly signature: string;
  /** Where the safe variant has other ones; null if there is none. */
  readonly safe?: string | null;
  readonly doc: string;
  /** Asks for host ids although others take none for all. */
  readonly needsHosts?: true;
  readonly run: Method["run"];
}

const table: Readonly<Record<string, ControlMethod>> = {
  start: { signature: "hostIds=None", doc: "Wakes hosts over the network.", run: wakeHosts },
  shutdown: {
    signature: "hostIds=None",
    doc: "Shuts clients down.",
    needsHosts: true,
    run: (call, hostIds) => onClients(call, hostIds, "shutdown", []),
  },
  reboot: {
    signature: "hostIds=None",
    doc: "Restarts clients.",
    needsHosts: true,
    run: (call, hostIds) => onClients(call, hostIds, "reboot", []),
  },
  fireEvent: {
    signature: "event hostIds=None",
    doc: "Triggers an event on clients.",
    run: (call, event, hostIds) => onClients(call, hostIds, "fireEvent", [event]),
  },
  showPopup: {
    signature: "message hostIds=None mode='prepend' addTimestamp=True displaySeconds=None",
    safe: "message hostIds=None mode='prepend' addTimestamp=True displaySeconds=0",
    doc: "Shows a message on clients.",
    run: popup,
  },
  uptime: {
    signature: "hostIds=None",
    doc: "Seconds since the agents on clients were started.",
    run: (call, hostIds) => onClients(call, hostIds, "uptime", []),
  },
  getActiveSessions: {
    signature: "hostIds=None",
    doc: "Users that are logged in on clients.",
    run: (call, hostIds) => onClients(call, hostIds, "getActiveSessions", []),
  },
  opsiclientdRpc: {
    signature: "method params=None hostIds=None timeout=None",
    doc: "Calls a method of the agents on clients.",
    run: agentRpc,
  },
  reachable: {
    signature: "hostIds=None timeout=None",
    doc: "Whether the agents on clients answer.",
    run: reachable,
  },
  execute: {
    signature: "command hostIds=None waitForEnding=True captureStderr=True encoding=None timeout=300",
    doc: "Runs a command on clients.",
    run: execute,
  },
  processActionRequests: {
    signature: "hostIds=None productIds=None visibility=None",
    safe: null,
    doc: "Has clients process what is requested.",
    run: processActionRequests,
  },
};

/** A method in its plain variant, for which no ids are all clients, and in the safe one, for which they are an error. */
function variants(name: string, { signature, safe = signature, doc, needsHosts, run }: ControlMethod): Method[] {
  const checkedAs = `hostControl_${name}`;
  const variant = (prefix: string, text: string, missing: string | null): Method => {
    const declared = parameters(text);
    const at = declared.findIndex((parameter) => parameter.name === "hostIds");
    return {
      name: `${prefix}_${name}`,
      doc: `${doc} ${missing === null ? "Without ids all are meant." : "The ids must be given."}`,
      parameters: declared,
      result: name === "reachable" ? "dict[str, bool]" : "dict[str, dict]",
      access: "name",
      checkedAs,
      run: (call, ...values) => {
        if (missing !== null) someHosts(values[at], missing);
        return run(call, ...values);
      },
    };
  };
  const plain = variant("hostControl", signature, needsHosts ? "No host ids given" : null);
  return safe === null ? [plain] : [plain, variant("hostControlSafe", safe, "No matching host ids found")];
}

/** (methods 10) */
export const hostControlMethods: readonly Method[] = [
  ...Object.entries(table).flatMap(([name, method]) => variants(name, method)),
  {
    name: "powerOnHost",
    doc: "Wakes a host over the network.",
    parameters: parameters("hostId"),
    result: "dict[str, dict]",
    access: "name",
    checkedAs: "hostControl_start",
    deprecated: true,
    alternative: "hostControl_start",
    run: (call, hostId) => wakeHosts(call, someHosts(hostId, "No matching host ids found")),
  },
  {
    name: "network_sendBroadcast",
    doc: "Sends datagrams to a broadcast address.",
    parameters: parameters("broadcast_address ports data"),
    access: "name",
    run: broadcast,
  },
  {
    name: "host_getMessagebusConnectedIds",
    doc: "Ids of the depots and clients that are connected to the message bus.",
    parameters: parameters("hostIds=None"),
    result: "list[str]",
    // The original asks for no right at all.
    access: "name",
    run: ({ site }, hostIds) => {
      const wanted = new Set(filterValues(hostIds).map((id) => rule.hostId.coerce(id)));
      return site.connectedHosts().filter((id) => wanted.size === 0 || wanted.has(id));
    },
  },
];
