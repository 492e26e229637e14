import { readFileSync } from "node:fs";
import { IniFile } from "../files/ini-file.ts";
import { fromValue, plainText } from "../functions/json-value.ts";
import { Cursor, stops } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { type Service, ServiceProblem } from "../service/service.ts";
import { splitLines, toBytes, toText } from "../text/bytes.ts";
import { readText, type SectionCall, type SectionHandler } from "./section.ts";
import { parseServiceCall, type ServiceCallText } from "./service-call-parameters.ts";

/** A method of the service; the result is a list of texts (sections §13). */
export const opsiServiceCall: SectionHandler = {
  run: (call) => {
    const { context } = call;
    const request = parseServiceCall(call.lines);
    try {
      return withService(call, (service) => callMethod(context, service, request));
    } catch (problem) {
      if (!(problem instanceof ServiceProblem)) throw problem;
      context.error(toBytes(`${request.method}: ${problem.class}: ${problem.message}`));
      const error = { class: problem.class, message: problem.message, details: problem.details };
      return [toBytes(`-> ${JSON.stringify(error)}`)];
    }
  },
};

function callMethod(
  { log }: Context,
  service: Service,
  { method, parameters, timeoutSeconds }: ServiceCallText,
): string[] {
  log.write(level.info, toBytes(`service call: ${method} ${JSON.stringify(parameters)}`));
  const result = service.call(method, parameters, timeoutSeconds);
  const lines = resultLines(method, result);
  if (log.isOn(level.debug)) for (const line of lines) log.write(level.debug, line);
  return lines;
}

/** By the end of the method's name: a line per member, a line per element, or one line with JSON. */
function resultLines(method: string, result: unknown): string[] {
  if (method.endsWith("_hash") && typeof result === "object" && result !== null) {
    return Object.entries(result).map(([key, value]) => `${toBytes(key)}=${plainText(fromValue(value))}`);
  }
  if (method.endsWith("_list") && Array.isArray(result)) return result.map((element) => plainText(fromValue(element)));
  return [plainText(fromValue(result))];
}

const agentFile = "/etc/opsi-client-agent/opsiclientd.conf";
const agentUrl = "https://localhost:4441/opsiclientd";

function agentLogin({ log }: Context): { username: string; password: string } {
  try {
    const ini = new IniFile(splitLines(readFileSync(agentFile, "latin1")));
    const password = ini.value("global", "opsi_host_key") ?? "";
    log.addConfidential(password);
    return { username: toText(ini.value("global", "host_id") ?? ""), password: toText(password) };
  } catch (error) {
    throw new ServiceProblem("OpsiServiceAuthenticationError", `${agentFile}: ${(error as Error).message}`, null);
  }
}

/** Which service: the one in use, the one of the start, a new login, or the agent on this machine. */
function withService(call: SectionCall, use: (service: Service) => string[]): string[] {
  const { context } = call;
  const { services } = context;
  const given = readParameters(call);
  switch (given.mode) {
    case "preloginservice":
      services.reset();
      break;
    case "opsiclientd": {
      const { username, password } = agentLogin(context);
      services.switchTo(agentUrl, username, password);
      break;
    }
    case "opsiclientd-once": {
      const { username, password } = agentLogin(context);
      return services.withService(agentUrl, username, password, use);
    }
    case "login":
      context.log.addConfidential(toBytes(given.password));
      services.switchTo(given.url, given.username, given.password);
      break;
    case "reuse":
      break;
    default:
      given.mode satisfies never;
  }
  const service = services.current;
  if (service) return use(service);
  context.state.errors++; // the missing connection and the failed call
  context.error("No service");
  return [];
}

interface Given {
  readonly mode: "reuse" | "preloginservice" | "opsiclientd" | "opsiclientd-once" | "login";
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

function readParameters(call: SectionCall): Given {
  const cursor = new Cursor(call.parameters);
  let mode: Given["mode"] = "reuse";
  const login = { url: "", username: "", password: "" };
  const text = () => toText(readText(cursor, call.evaluate));
  while (!cursor.atEnd) {
    const word = cursor.word(stops.plain).toLowerCase();
    switch (word) {
      case "/preloginservice":
      case "/opsiclientd":
      case "/opsiclientd-once":
        mode = word.slice(1) as Given["mode"];
        break;
      case "/serviceurl":
      case "/opsiservice":
      case "/s":
        login.url = text();
        break;
      case "/username":
      case "/user":
      case "/u":
        login.username = text();
        break;
      case "/password":
      case "/pass":
      case "/p":
        login.password = text();
        break;
      case "/interactive":
        throw new SyntaxProblem("There is nobody to ask: /interactive needs a window");
      default:
        throw new SyntaxProblem(`Unknown parameter: ${word}`);
    }
  }
  const hasLogin = login.url !== "" || login.username !== "" || login.password !== "";
  if (hasLogin && mode !== "reuse") throw new SyntaxProblem("Credentials cannot be combined with another mode");
  return { mode: hasLogin ? "login" : mode, ...login };
}
