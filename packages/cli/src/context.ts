import { resolve } from "node:path";
import { isOpsiError } from "@opsi-ts/model";
import type { ServiceClient } from "@opsi-ts/protocol";
import { visible } from "./answer/cell.ts";
import type { ConnectionChoice } from "./connection/choose-service.ts";
import type { GlobalOptions } from "./global-options.ts";
import type { Surroundings } from "./surroundings.ts";
import { type Progress, type ProgressOptions, silentProgress, startProgress } from "./terminal/progress.ts";
import { UsageError } from "./usage-error.ts";

/** What a command gets handed in. It prints nothing itself and sets no exit code. */
export interface Context extends AsyncDisposable {
  readonly globals: GlobalOptions;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
  readonly dryRun: boolean;
  /** Somebody sits at the terminal and may be asked. */
  readonly interactive: boolean;
  /** The config service; connected when first asked for. */
  service(): Promise<ServiceClient>;
  /** Another service with the same trust, e.g. a depot; connected once, closed with the context. */
  serviceAt(url: string, username: string, password: string): Promise<ServiceClient>;
  /** Takes the CA of a service at first contact, without a login. */
  trust(url: string, caFile: string): Promise<void>;
  /** Calls a method of the config service. */
  call<T>(method: string, params?: readonly unknown[]): Promise<T>;
  /** Calls a method that changes something; with `--dry-run` only says what, and the result is null. */
  change<T>(what: string, method: string, params?: readonly unknown[]): Promise<T | null>;
  /** True when `change` is to happen; with `--dry-run` says what would. */
  mayChange(what: string): boolean;
  /** A message for the person, on stderr. */
  say(message: string): void;
  warn(message: string): void;
  progress(label: string, options: ProgressOptions): Progress;
  ask(question: string, options?: { secret?: boolean }): Promise<string>;
  /** Yes or no; without a terminal only `--yes` is a yes. @throws UsageError if nobody can answer */
  confirm(question: string): Promise<boolean>;
  /** A path as typed, made absolute. */
  path(typed: string): string;
}

export function openContext(globals: GlobalOptions, surroundings: Surroundings): Context {
  const { stdin, stderr, signal } = surroundings;
  const opened = new AsyncDisposableStack();
  const interactive = stdin.isTTY === true && stderr.isTTY === true && !globals.nonInteractive;
  let choice: Promise<ConnectionChoice> | null = null;
  let service: Promise<ServiceClient> | null = null;
  const others = new Map<string, Promise<ServiceClient>>();

  const say = (message: string) => {
    if (!globals.quiet) stderr.write(`${visible(message)}\n`);
  };

  // Said even with --quiet: it is the only moment at which a person can compare it.
  const tellTrust = (url: string) => (fingerprint: string) => {
    stderr.write(`Trusting ${url} from now on. SHA-256 of its CA: ${fingerprint}\n`);
  };

  async function ask(question: string, options: { secret?: boolean } = {}): Promise<string> {
    if (!interactive) throw new UsageError(`Nobody can answer here: ${question}`);
    const { prompt } = await import("./terminal/prompt.ts");
    return prompt(stdin, stderr, visible(question), { ...options, signal });
  }

  async function chosen(): Promise<ConnectionChoice> {
    const { chooseService } = await import("./connection/choose-service.ts");
    const asking = interactive ? (question: string, secret: boolean) => ask(question, { secret }) : null;
    choice ??= chooseService(globals, surroundings, asking);
    return choice;
  }

  async function connect(connection: ConnectionChoice): Promise<ServiceClient> {
    const { ServiceClient } = await import("@opsi-ts/protocol");
    const client = await ServiceClient.connect({
      ...connection,
      userAgent: "opsi-ts-cli/0.1.0",
      retry: { attempts: 2, maximumDelayMilliseconds: 1000 },
      signal,
      onTrust: tellTrust(connection.url),
    });
    return opened.use(client);
  }

  const context: Context = {
    globals,
    surroundings,
    signal,
    interactive,
    dryRun: globals.dryRun,
    say,
    warn: (message) => say(`Warning: ${message}`),
    ask,
    path: (typed) => resolve(surroundings.folder, typed),
    async service() {
      service ??= chosen().then(connect);
      return service;
    },
    async serviceAt(url, username, password) {
      const key = `${username} ${url}`;
      const known =
        others.get(key) ?? chosen().then(({ caFile, verify }) => connect({ url, username, password, verify, caFile }));
      others.set(key, known);
      return known;
    },
    async trust(url, caFile) {
      const { trustAtFirstContact } = await import("@opsi-ts/protocol");
      await trustAtFirstContact(url, { caFile, onTrust: tellTrust(url) }, signal);
    },
    async call<T>(method: string, params: readonly unknown[] = []) {
      return (await context.service()).call<T>(method, params, { signal });
    },
    async change<T>(what: string, method: string, params: readonly unknown[] = []) {
      return context.mayChange(what) ? context.call<T>(method, params) : null;
    },
    mayChange(what) {
      if (globals.dryRun) stderr.write(`Would ${visible(what)}\n`);
      return !globals.dryRun;
    },
    progress: (label, options) => (globals.quiet ? silentProgress : startProgress(stderr, label, options)),
    async confirm(question) {
      if (globals.yes || globals.dryRun) return true;
      if (!interactive) throw new UsageError(`${question} Nobody can answer here, say --yes`);
      return /^(y|yes|j|ja)$/i.test((await ask(`${question} [y/N]`)).trim());
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
  return context;
}

/** What a person can do about an error of the connection; empty where we do not know better. */
export function hintFor(error: unknown, globals: Pick<GlobalOptions, "trust" | "caFile">): string {
  if (isOpsiError(error, "OpsiServiceVerificationError")) {
    if (globals.trust) return " (its CA is not the one trusted before; if that is right, delete the stored CA file)";
    return globals.caFile === undefined ? " (name its CA with --ca-file, or use --trust at first contact)" : "";
  }
  if (isOpsiError(error, "OpsiServiceAuthenticationError")) return " (check --username and password)";
  return "";
}
