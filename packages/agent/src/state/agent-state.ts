import { readFile } from "node:fs/promises";
import { writeDurably } from "./durable-file.ts";

/** What was being done when the state was written last; found again after a crash or power failure. */
export interface RunningActions {
  readonly event: string;
  readonly productIds: readonly string[];
  /** Process group of the action processor, null before it was started. */
  readonly processId: number | null;
  /** Identity of that process beyond its number, see Platform.processIdentity. */
  readonly processIdentity: string | null;
  /** Unix time in seconds. */
  readonly started: number;
  readonly timeoutSeconds: number;
}

/**
 * The agent's memory: the JSON object `global.state_file`, rewritten durably on every change. Any name may be read and
 * set, because any name can be the key of a precondition. (agent §1.7)
 */
export class AgentState {
  readonly #path: string;
  readonly #values: Record<string, unknown>;
  /** Names that are asked of the system each time and never stored. */
  readonly #computed: Readonly<Record<string, () => unknown>>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    path: string,
    values: Record<string, unknown>,
    computed: Readonly<Record<string, () => unknown>>,
  ) {
    this.#path = path;
    this.#values = values;
    this.#computed = computed;
  }

  /** A file that is missing or unreadable as JSON counts as empty: the agent has to start. */
  static async open(path: string, computed: Readonly<Record<string, () => unknown>>): Promise<AgentState> {
    const values = await readFile(path, "utf8").then(parseObject, () => ({}));
    const state = new AgentState(path, values, computed);
    await state.set("shutdown_cancel_counter", 0);
    return state;
  }

  get(name: string, fallback: unknown = null): unknown {
    const computed = Object.hasOwn(this.#computed, name) ? this.#computed[name] : undefined;
    if (computed !== undefined) return computed();
    if (Object.hasOwn(this.#values, name)) return this.#values[name];
    return name.includes("cancel_counter") ? 0 : fallback;
  }

  /** `installation_pending` and others hold the texts "true" and "false". (agent §1.7) */
  isTrue(name: string): boolean {
    const value = this.get(name, false);
    if (typeof value === "string") return !["", "0", "false", "no", "off"].includes(value.toLowerCase());
    return Boolean(value);
  }

  /** Resolves when the new value would survive a power failure. */
  set(name: string, value: unknown): Promise<void> {
    if (value === null) delete this.#values[name];
    else this.#values[name] = value;
    const write = () => writeDurably(this.#path, `${JSON.stringify(this.#values, null, 2)}\n`);
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }

  get runningActions(): RunningActions | null {
    return (this.#values["action_processing"] as RunningActions | undefined) ?? null;
  }

  setRunningActions(actions: RunningActions | null): Promise<void> {
    return this.set("action_processing", actions);
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // as if there were no file
  }
  return {};
}
