import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { readPythonFile } from "../configuration/read-python-file.ts";
import type { DepotLog } from "./depot.ts";

export interface PxeSettings {
  readonly enabled: boolean;
  readonly socketPath: string;
}

/**
 * Where the daemon for boot configurations listens; without the file it is not used. (methods 11.1)
 *
 * @throws BackendConfigurationError for a file that makes no sense
 */
export function readPxeSettings(backends: string, root: string): PxeSettings {
  const path = join(backends, "opsipxeconfd.conf");
  const usual = join(root, "var/run/opsipxeconfd/opsipxeconfd.socket");
  if (!existsSync(path)) return { enabled: false, socketPath: usual };
  const config = readPythonFile(path).get("config");
  if (typeof config !== "object" || config === null) {
    throw new OpsiError("BackendConfigurationError", `There is no 'config' in ${path}`);
  }
  const { enabled, socketPath } = config as Record<string, unknown>;
  return { enabled: enabled !== false, socketPath: typeof socketPath === "string" ? socketPath : usual };
}

/** Milliseconds to wait for another command for the same client, which replaces the first. */
const delay = 3000;
const patience = 60_000;

/** Tells the daemon which clients' boot configurations it shall write or remove. (methods 11.1, netboot 4.2) */
export class PxeControl implements Disposable {
  readonly #settings: () => PxeSettings;
  readonly #log: DepotLog;
  readonly #delay: number;
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  #turn: Promise<void> = Promise.resolve();

  constructor(settings: () => PxeSettings, log: DepotLog, delayMilliseconds = delay) {
    this.#settings = settings;
    this.#log = log;
    this.#delay = delayMilliseconds;
  }

  /** Returns at once; what goes wrong is for the log. */
  queue(command: "update" | "remove", clientId: string): void {
    if (!this.#settings().enabled) return;
    clearTimeout(this.#waiting.get(clientId));
    const timer = setTimeout(() => {
      this.#waiting.delete(clientId);
      this.#turn = this.#turn.then(() => this.#send(command, clientId));
    }, this.#delay);
    this.#waiting.set(clientId, timer);
  }

  async #send(command: string, clientId: string): Promise<void> {
    try {
      const answer = await ask(this.#settings().socketPath, `${command} ${clientId}`);
      if (answer.includes("ERROR")) throw new Error(answer.trim());
      this.#log.info({ command, clientId }, "boot configuration changed");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error({ command, clientId, reason }, "boot configuration could not be changed");
    }
  }

  [Symbol.dispose](): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}

/** Sends a line and reads what comes until the other side closes. */
async function ask(socketPath: string, command: string): Promise<string> {
  const socket = connect(socketPath);
  socket.setTimeout(patience, () => socket.destroy(new Error("no answer from opsipxeconfd")));
  socket.write(command);
  let answer = "";
  socket.setEncoding("utf8");
  for await (const piece of socket) answer += piece;
  return answer;
}
