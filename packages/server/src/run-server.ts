import { helpText } from "./configuration/help.ts";
import { ownConfiguration } from "./configuration/own-configuration.ts";
import { type Configuration, ConfigurationError } from "./configuration/read-options.ts";
import { compatibleLibraryVersion, compatibleVersion } from "./configuration/version.ts";
import { openCore } from "./open-core.ts";
import { type Server, startServer } from "./start-server.ts";

/** The command `opsiconfd`: help, version, or a server that runs until a signal. */
export async function runCommand(words: readonly string[]): Promise<void> {
  if (words.some((word) => word === "--help" || word === "-h")) {
    process.stdout.write(helpText());
  } else if (words.includes("--version")) {
    process.stdout.write(`${compatibleVersion} [python-opsi-common=${compatibleLibraryVersion}]\n`);
  } else {
    await runServer(words);
  }
}

async function runServer(words: readonly string[]): Promise<void> {
  try {
    const configuration = ownConfiguration(words);
    const server = await startServer(configuration, openCore);
    stopOnSignal(server); // before anybody is told that we run
    reloadOnSignal(server);
    surviveBugs(server);
    process.stdout.write(greeting(server, configuration));
  } catch (error) {
    process.stderr.write(`opsiconfd: ${reason(error)}\n`);
    process.exitCode = 1;
  }
}

/**
 * A promise that nobody waited for is a bug, but no reason to send ten thousand clients away: it is logged. After an
 * exception that nobody caught nothing is certain any more: the process ends, and the service manager starts a new one.
 */
function surviveBugs({ log }: Server): void {
  process.on("unhandledRejection", (error) => log.critical({ subject: "main", err: error }, "unhandled rejection"));
  process.on("uncaughtException", (error) => {
    log.critical({ subject: "main", err: error }, "uncaught exception, the service ends");
    process.exit(1);
  });
}

/** First signal: open requests may finish. Second: at once. */
function stopOnSignal(server: Server): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      server.log.notice({ subject: "main", signal }, "stopping");
      server[Symbol.asyncDispose]().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`opsiconfd: ${reason(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
}

/** `systemctl reload`; without a handler the signal would end the process. (service 1.7) */
function reloadOnSignal(server: Server): void {
  process.on("SIGHUP", () => {
    try {
      server.reload();
    } catch (error) {
      server.log.error({ subject: "main", err: error }, "reload failed, nothing changed");
    }
  });
}

function greeting(server: Server, { folders }: Configuration): string {
  const address = `The opsi service of ${server.hostId} listens on ${server.url}\n`;
  const { newAdministrator } = server;
  if (newAdministrator === null) return address;
  const { name, password } = newAdministrator;
  return `${address}
  Everything lies below  ${folders.root}
  Administrator          ${name}
  Password               ${password ?? "as given in OPSI_ADMIN_PASSWORD"}${password === null ? "" : "   (shown only this once)"}

Next, in another terminal:

  curl -k ${server.url}/status/
  curl -k -u ${name} ${server.url}/rpc -d '{"method":"host_getIdents","params":[],"id":1}'
  npm run opsi -- --help

`;
}

function reason(error: unknown): string {
  if (error instanceof ConfigurationError) return ["the configuration is not right", ...error.problems].join("\n  ");
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === "EADDRINUSE") {
    return `port ${port} on ${address} is in use: another opsi service? Choose another one with --port NUMBER`;
  }
  if (code === "EACCES" && port !== undefined) {
    return `port ${port} needs more rights: ports below 1024 are for root; choose another one with --port NUMBER`;
  }
  return error.message;
}
