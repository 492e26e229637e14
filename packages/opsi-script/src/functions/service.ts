import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf, SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { ServiceProblem } from "../service/service.ts";
import { splitLines, toBytes, toText, trim } from "../text/bytes.ts";
import { builtin } from "./builtin.ts";
import { parseJson, plainText } from "./json-value.ts";

const noService = "!!! no opsidata !!!";

export const getLastServiceErrorClass = builtin({
  name: "getLastServiceErrorClass",
  parameters: [],
  returns: "string",
  doc: "Class of the last service call's error; None when there was none.",
  examples: [["getLastServiceErrorClass", noService]],
  run: ({ service }) => (service ? toBytes(service.lastError?.class ?? "None") : noService),
});

export const getLastServiceErrorMessage = builtin({
  name: "getLastServiceErrorMessage",
  parameters: [],
  returns: "string",
  doc: "Message of the last service call's error; None when there was none.",
  examples: [["getLastServiceErrorMessage", noService]],
  run: ({ service }) => (service ? toBytes(service.lastError?.message ?? "None") : noService),
});

/** A value from the service, else from `properties.conf` beside the script; `undefined` when there is none. */
function propertyValues(context: Context, name: string): readonly string[] | undefined {
  const values = context.product?.properties.get(name.toLowerCase());
  if (values) return values;
  const file = join(toText(context.settings.scriptPath), "properties.conf");
  let text: string;
  try {
    text = readFileSync(file, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") context.warning(`properties.conf: ${reasonOf(error)}`);
    return undefined;
  }
  for (const line of splitLines(text)) {
    const at = line.indexOf("=");
    if (at > 0 && trim(line.slice(0, at)).toLowerCase() === name.toLowerCase()) return [trim(line.slice(at + 1))];
  }
  return undefined;
}

export const getProductProperty = builtin({
  name: "GetProductProperty",
  parameters: [
    { name: "property", type: "string" },
    { name: "default", type: "string" },
  ],
  returns: "string",
  doc: "A property of the product for this client; several values are joined with commas.",
  examples: [['GetProductProperty("p","default")', "default"]],
  run: (context, name, initial) => propertyValues(context, name)?.join(",") ?? initial,
});

export const getConfidentialProductProperty = builtin({
  name: "GetConfidentialProductProperty",
  parameters: [
    { name: "property", type: "string" },
    { name: "default", type: "string" },
  ],
  returns: "string",
  doc: "A property of the product for this client that the log hides.",
  examples: [['GetConfidentialProductProperty("p","default")', "default"]],
  run: (context, name, initial) => {
    const value = propertyValues(context, name)?.join(",") ?? initial;
    context.log.addConfidential(value);
    return value;
  },
});

export const iniVar = builtin({
  name: "IniVar",
  parameters: [{ name: "property", type: "string" }],
  returns: "string",
  doc: "A property of the product, empty when there is none. Better: GetProductProperty.",
  examples: [['IniVar("x")', ""]],
  run: (context, name) => propertyValues(context, name)?.join(",") ?? "",
});

export const getProductPropertyList = builtin({
  name: "getProductPropertyList",
  parameters: [
    { name: "property", type: "string" },
    { name: "default", type: "stringOrList" },
    { name: "clientId", type: "string", optional: true },
    { name: "productId", type: "string", optional: true },
  ],
  returns: "list",
  doc: "The values of a property, of this product or of another one and another client.",
  examples: [['getProductPropertyList("p", createStringList("a","b"))', ["a", "b"]]],
  run: (context, name, initial, clientId, productId) => {
    const fallback = typeof initial === "string" ? [initial] : initial;
    if (clientId !== undefined && productId !== undefined) {
      return foreignProperty(context, name, clientId, productId) ?? fallback;
    }
    const values = propertyValues(context, name);
    if (!values || context.product) return values ?? fallback;
    const array = parseJson(values[0] ?? "");
    return array?.kind === "array" ? array.elements.map(plainText) : fallback;
  },
});

function foreignProperty(context: Context, name: string, clientId: string, productId: string): string[] | null {
  const result = ask(context, "productPropertyState_getValues", [
    [toText(productId)],
    [toText(name)],
    [toText(clientId)],
    true,
  ]) as Record<string, Record<string, Record<string, unknown[]>>> | null;
  const values = result?.[toText(clientId)]?.[toText(productId)]?.[toText(name)];
  return values ? values.map((value) => toBytes(propertyText(value))) : null;
}

/** Boolean values arrive as Python would write them. */
export const propertyText = (value: unknown): string =>
  typeof value === "boolean" ? (value ? "True" : "False") : String(value ?? "");

/** A call whose failure is an error of the script, not its end. */
function ask(context: Context, method: string, parameters: readonly unknown[]): unknown {
  if (!context.service) {
    context.error(`${method}: no service`);
    return null;
  }
  try {
    return context.service.call(method, parameters);
  } catch (problem) {
    if (!(problem instanceof ServiceProblem)) throw problem;
    context.error(toBytes(`${method}: ${problem.message}`));
    return null;
  }
}

export const getProductMap = builtin({
  name: "getProductMap",
  parameters: [],
  returns: "list",
  doc: "The product and its state on this client as key=value.",
  examples: [["getProductMap", []]],
  run: ({ product }) => product?.map ?? [],
});

const licence = [
  { name: "poolId", type: "string" },
  { name: "productId", type: "string", optional: true },
  { name: "windowsSoftwareId", type: "string", optional: true },
] as const;

export const demandLicenseKey = builtin({
  name: "demandLicenseKey",
  parameters: licence,
  returns: "string",
  doc: "A licence key for this client from a pool.",
  examples: [],
  run: (context, pool, product = "", software = "") => {
    if (!context.service) return noLicence("demandLicenseKey");
    const parameters = [context.service.clientId, ...[pool, product, software].map(toText)];
    const result = ask(context, "licenseOnClient_getOrCreateObject", parameters) as { licenseKey?: unknown } | null;
    const key = toBytes(String(result?.licenseKey ?? ""));
    context.log.addConfidential(key);
    return key;
  },
});

export const freeLicense = builtin({
  name: "freeLicense",
  parameters: licence,
  returns: "string",
  doc: "Gives a licence of this client back; always empty.",
  examples: [],
  run: (context, pool, product = "", software = "") => {
    if (!context.service) return noLicence("freeLicense");
    ask(context, "deleteSoftwareLicenseUsage", [
      context.service.clientId,
      "",
      ...[pool, product, software].map(toText),
    ]);
    return "";
  },
});

/** Without a service the original cannot even evaluate the expression. */
function noLicence(name: string): never {
  throw new SyntaxProblem(`${name}: no service`);
}

export const opsiLicenseManagementEnabled = builtin({
  name: "opsiLicenseManagementEnabled",
  parameters: [],
  returns: "boolean",
  doc: "Whether the service manages licences.",
  examples: [["opsiLicenseManagementEnabled", false]],
  run: (context) => {
    if (!context.service) return false;
    const result = ask(context, "backend_getLicensingInfo", []) as { available_modules?: unknown } | null;
    return Array.isArray(result?.available_modules) && result.available_modules.includes("license_management");
  },
});

export const sendLog = builtin({
  name: "sendLog",
  parameters: [
    { name: "clientId", type: "string" },
    { name: "type", type: "string" },
    { name: "append", type: "stringOrBoolean" },
  ],
  returns: "boolean",
  doc: "Sends the log of this run to the service, for any client.",
  examples: [],
  run: (context, clientId, type, append) => {
    if (!context.service) return false;
    const text = context.log.readPart(5 * 1024 * 1024);
    const isAppended = append === true || (typeof append === "string" && append.toLowerCase() === "true");
    context.log.write(level.info, `sending the log for ${clientId}`);
    ask(context, "log_write", [toText(type), text, toText(clientId), isAppended]);
    return context.service.lastError === null;
  },
});

export const stringInput = builtin({
  name: "stringinput",
  parameters: [
    { name: "text", type: "string" },
    { name: "hidden", type: "stringOrBoolean" },
  ],
  returns: "string",
  doc: "Asks the user; nobody is there without a window, so the answer is empty.",
  examples: [],
  run: () => "",
});

export const editMap = builtin({
  name: "editMap",
  parameters: [{ name: "list", type: "list" }],
  returns: "list",
  doc: "Lets the user edit values; without a window the list stays as it is.",
  examples: [['editMap(createStringList("k=v"))', ["k=v"]]],
  run: (_context, list) => list,
});
