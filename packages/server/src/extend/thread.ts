import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { OpsiError } from "@opsi-ts/model/errors";
import type { ExtensionMethod, Service } from "./extension.ts";
import {
  type FromThread,
  fromFailure,
  type RunRequest,
  type ThreadSource,
  type ToThread,
  toFailure,
} from "./thread-messages.ts";

/*
 * The thread of an extension: loads one file and runs one call at a time.
 */

const { url, source } = workerData as ThreadSource;
const methods = new Map<string, ExtensionMethod>();
const waiting = new Map<number, PromiseWithResolvers<unknown>>();
let lastId = 0;

// An extension lies where no node_modules are.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === url) return { url, shortCircuit: true }; // the file itself may be gone
    if (specifier !== "@opsi-ts/server/extension") return next(specifier, context);
    return { url: new URL("./extension.ts", import.meta.url).href, shortCircuit: true };
  },
  // Every thread of a version runs the same text, also when the file has changed meanwhile.
  load: (loaded, context, next) =>
    loaded === url
      ? { format: url.endsWith(".ts") ? "module-typescript" : "module", source, shortCircuit: true }
      : next(loaded, context),
});

const say = (message: FromThread): void => parentPort?.postMessage(message);

parentPort?.on("message", (message: ToThread) => {
  if (message.kind === "run") void run(message);
  else {
    const { id } = message;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (message.kind === "answer") asked?.resolve(JSON.parse(message.json));
    else asked?.reject(fromFailure(message.failure));
  }
});

try {
  const { default: exported } = (await import(url)) as { default?: unknown };
  if (exported === undefined) throw new OpsiError("ValueError", "There is no default export");
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  say({ kind: "loaded", declarations: list.map(declared) });
} catch (error) {
  say({ kind: "failed", failure: toFailure(withPlace(error)) });
}

/** What of a declaration can go to the other thread: all but functions, of which `run` must be one. */
function declared(given: unknown): unknown {
  if (typeof given !== "object" || given === null || !("run" in given) || typeof given.run !== "function") {
    throw new OpsiError("ValueError", "The default export is no method and no list of methods");
  }
  const method = given as ExtensionMethod;
  methods.set(method.name, method);
  const { run: _, ...others } = method;
  return JSON.parse(JSON.stringify(others));
}

/** Node.js does not say where in a JavaScript file a syntax error is; the stripper of types does. */
function withPlace(error: unknown): unknown {
  if (!(error instanceof SyntaxError) || error.stack?.includes(fileURLToPath(url))) return error;
  try {
    stripTypeScriptTypes(source, { sourceUrl: fileURLToPath(url) });
    return error;
  } catch (found) {
    return found;
  }
}

async function run({ run: number, method, values, caller }: RunRequest): Promise<void> {
  try {
    const result = await methods.get(method)?.run(service(number, caller), ...(values as never[]));
    say({ kind: "result", json: JSON.stringify(result ?? null) ?? "null" });
  } catch (error) {
    say({ kind: "failed", failure: toFailure(error) });
  }
}

function service(run: number, caller: Service["caller"]): Service {
  const ask = <T>(method: string | null, params: readonly unknown[]): Promise<T> => {
    const id = ++lastId;
    const asked = Promise.withResolvers<unknown>();
    say({ kind: "call", run, id, method, params });
    waiting.set(id, asked);
    return asked.promise as Promise<T>;
  };
  const write =
    (level: "error" | "warning" | "notice" | "info"): Service["log"]["info"] =>
    (message, fields = {}) =>
      say({ kind: "log", level, message: String(message), fields });
  return {
    caller,
    call: (method, ...params) => ask(method, params),
    replaced: (...params) => ask(null, params),
    log: { error: write("error"), warning: write("warning"), notice: write("notice"), info: write("info") },
  };
}
