import { readFileSync } from "node:fs";

/** How to work in service mode (interpreter §1). */
export type ServiceMode =
  | { readonly kind: "requests"; readonly productIds: readonly string[] | null }
  | { readonly kind: "list"; readonly productIds: readonly string[] }
  | { readonly kind: "login"; readonly all: boolean }
  | { readonly kind: "script"; readonly script: string; readonly productId: string };

export interface ServiceOptions {
  readonly url: string;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  readonly depotPath: string | null;
  readonly caFile: string | null;
  readonly mode: ServiceMode;
}

/** What the command line says about scripts without a service. */
export interface BatchOptions {
  readonly scripts: readonly string[];
  readonly logFile: string | null;
  readonly parameter: string;
  readonly logProductId: string;
  readonly userContext: string;
  readonly testSyntax: boolean;
}

export interface CommandLine extends BatchOptions {
  readonly service: ServiceOptions | null;
}

/** The command line cannot be understood; usage is to be printed. `asked`: by the user. */
export class Usage extends Error {
  override readonly name = "Usage";
  readonly asked: boolean;

  constructor(message: string, asked = false) {
    super(message);
    this.asked = asked;
  }
}

/** Options by name: whether a value follows. Names ignore the case. */
const options: Readonly<Record<string, boolean>> = {
  logfile: true,
  batch: false,
  silent: false,
  servicebatch: false,
  productid: true,
  logproductid: true,
  lang: true,
  usercontext: true,
  testsyntax: false,
  normalwindow: false,
  histolist: true,
  opsiservice: true,
  clientid: true,
  username: true,
  password: true,
  sessionid: true,
  credentialfile: true,
  depotpath: true,
  productlist: true,
  processproducts: true,
  loginscripts: false,
  allloginscripts: false,
  cafile: true,
};

export const usage = `usage: opsi-script SCRIPT[;SCRIPT…] [LOGFILE] [options]
       opsi-script -opsiservice URL [options]

  -logfile FILE              where the log goes
  -batch, -silent            no window (there is none in any case)
  -productid ID              product context; with -servicebatch the product of the script
  -servicebatch              run SCRIPT as the setup script of -productid, with a service
  -parameter TEXT            text for ParamStr
  -usercontext [DOMAIN\\]USER user of a login script
  -testsyntax                check scripts without running them
  -opsiservice URL           service mode: carry out the requests for a client
    -clientid ID  -username NAME  -password TEXT  -credentialfile FILE
    -depotpath DIR           where the product folders are
    -productlist ID,…        set these products up, whatever is requested
    -processproducts ID,…    only the requests of these products
    -loginscripts, -allloginscripts
    -cafile FILE             check the service's certificate against this authority`;

/** @throws Usage */
export function parseCommandLine(words: readonly string[], prefix: "-" | "/"): CommandLine {
  const given = new Map<string, string>();
  const positional: string[] = [];
  let parameter = "";
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (!word.startsWith(prefix) || word === prefix) {
      positional.push(word);
      continue;
    }
    const name = word.slice(1).toLowerCase();
    if (["?", "h", "help", "-help"].includes(name)) throw new Usage("", true);
    if (name === "parameter") {
      while (index + 1 < words.length && !(words[index + 1] ?? "").startsWith(prefix)) parameter += words[++index];
      continue;
    }
    const hasValue = options[name];
    if (hasValue === undefined) throw new Usage(`Unknown option: ${word}`);
    const value = hasValue ? words[++index] : "";
    if (value === undefined) throw new Usage(`A value is expected behind ${word}`);
    given.set(name, value);
  }
  if (positional.length > 2) throw new Usage(`Too many words: ${positional.slice(2).join(" ")}`);
  const [scriptList = "", positionalLog] = positional;
  const scripts = scriptList.split(";").filter((script) => script !== "");
  const service = readService(given, scripts);
  if (scripts.length === 0 && !service) throw new Usage("A script or -opsiservice is expected");
  return {
    scripts,
    logFile: given.get("logfile") ?? positionalLog ?? null,
    parameter,
    logProductId: given.get("logproductid") ?? given.get("productid") ?? "",
    userContext: given.get("usercontext") ?? "",
    testSyntax: given.has("testsyntax"),
    service,
  };
}

function readService(given: ReadonlyMap<string, string>, scripts: readonly string[]): ServiceOptions | null {
  const address = given.get("opsiservice");
  if (address === undefined) {
    if (given.has("servicebatch")) throw new Usage("-servicebatch needs -opsiservice");
    return null;
  }
  const file = given.get("credentialfile");
  const credentials = file === undefined ? new Map<string, string>() : readCredentials(file);
  const name = given.get("username") ?? credentials.get("username") ?? given.get("clientid") ?? "";
  const clientId = (given.get("clientid") ?? name).toLowerCase();
  if (clientId === "") throw new Usage("-clientid or -username is expected");
  return {
    url: address.replace(/\/rpc\/?$/, ""),
    clientId,
    username: name,
    password: given.get("password") ?? credentials.get("password") ?? "",
    depotPath: given.get("depotpath") ?? null,
    caFile: given.get("cafile") ?? null,
    mode: readMode(given, scripts),
  };
}

function readMode(given: ReadonlyMap<string, string>, scripts: readonly string[]): ServiceMode {
  const ids = (name: string) =>
    (given.get(name) ?? "")
      .split(",")
      .map((id) => id.trim())
      .filter((id) => id !== "");
  const isLogin = given.has("loginscripts") || given.has("allloginscripts");
  if (isLogin && given.has("productlist")) throw new Usage("-loginscripts and -productlist exclude each other");
  if (isLogin) return { kind: "login", all: given.has("allloginscripts") };
  const [script] = scripts;
  if (script !== undefined) {
    const productId = given.get("productid");
    if (!given.has("servicebatch") || productId === undefined) {
      throw new Usage("A script with a service needs -servicebatch and -productid");
    }
    return { kind: "script", script, productId };
  }
  if (given.has("productlist")) return { kind: "list", productIds: ids("productlist") };
  return { kind: "requests", productIds: given.has("processproducts") ? ids("processproducts") : null };
}

/** `key=value` lines: they keep the password out of the list of processes. */
function readCredentials(file: string): Map<string, string> {
  try {
    const lines = readFileSync(file, "utf8").split(/\r?\n/);
    return new Map(
      lines.flatMap((line) => {
        const at = line.indexOf("=");
        return at < 0 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()] as const];
      }),
    );
  } catch (error) {
    throw new Usage(`Credential file ${file}: ${(error as Error).message}`);
  }
}
