import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@opsi-ts/logging";
import { isOpsiError, OpsiError, rule } from "@opsi-ts/model";
import type { AgentFolders, Platform } from "../platform/platform.ts";
import { writeDurably } from "../state/durable-file.ts";
import { IniFile } from "./ini-file.ts";
import { type OptionValue, optionTable } from "./option-table.ts";
import { shippedEvents } from "./shipped-events.ts";

type Sections = Map<string, Map<string, OptionValue>>;

/** Old names of options. (agent §2.2) */
const renamed: ReadonlyMap<string, string> = new Map([
  ["warning_time", "action_warning_time"],
  ["user_cancelable", "action_user_cancelable"],
  ["w10bitlockersuspendonreboot", "suspend_bitlocker_on_reboot"],
]);
const mayBeEmpty =
  /command|productids|exclude_product_group_ids|include_product_group_ids|proxy_url|working_window|alt_ids/;
const commaLists: ReadonlySet<string> = new Set([
  "exclude_product_group_ids",
  "include_product_group_ids",
  "alt_ids",
  "interface",
]);
const openSection = /^(event|precondition)_/;

/**
 * The agent's configuration: built-in values, then the file, then values of the service, which are written back to the
 * file. (agent §2.1)
 */
export class AgentConfiguration {
  readonly root: string;
  readonly folders: AgentFolders;
  readonly platform: Platform;
  readonly #log: Log;
  readonly #sections: Sections;
  #readAt = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(platform: Platform, root: string, log: Log) {
    this.root = root;
    this.platform = platform;
    this.folders = platform.folders(root);
    this.#log = log.child({ subject: "configuration" });
    this.#sections = new Map(
      Object.entries({ ...optionTable(platform, root), ...shippedEvents(platform) }).map(([section, options]) => [
        section,
        new Map(Object.entries(options)),
      ]),
    );
  }

  /** Reads the file over the values that are there. One that is missing changes nothing. */
  async readFile(): Promise<void> {
    const path = this.folders.configurationFile;
    const text = await readText(path);
    if (text === null) return;
    this.#readAt = (await stat(path)).mtimeMs;
    for (const [section, options] of new IniFile(text).sections()) {
      for (const [option, value] of options) {
        if (section === "global" && option === "log_dir") continue; // not settable by file (agent §2.2)
        this.set(section, option, value);
      }
    }
    if (this.text("depot_server.master_depot_id") === "") {
      this.set("depot_server", "master_depot_id", this.text("depot_server.depot_id"));
    }
  }

  /**
   * Writes all values that differ from the built-in ones, or stand in the file already, into the file; its order and
   * comments stay, unknown options vanish. A crash leaves the old file. One write comes after the other.
   *
   * @param force also if another program has changed the file since it was read
   */
  writeFile(force: boolean): Promise<void> {
    const write = () => this.#write(force);
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }

  async #write(force: boolean): Promise<void> {
    const path = this.folders.configurationFile;
    const text = (await readText(path)) ?? "";
    if (!force && text !== "" && (await stat(path)).mtimeMs > this.#readAt) return;
    const file = new IniFile(text);
    const initial = { ...optionTable(this.platform, "/"), ...shippedEvents(this.platform) };
    const standing = file.sections();
    file.keepOnly(
      (section, option) =>
        section !== "system" && this.#sections.get(section)?.has(renamed.get(option) ?? option) === true,
    );
    for (const [section, options] of this.#sections) {
      for (const [option, value] of options) {
        if (section === "global" && (option === "config_file" || option === "log_dir")) continue;
        const isOurs = openSection.test(section) || neededToStart.has(`${section}.${option}`);
        const changed = !Object.is(toText(initial[section]?.[option] ?? ""), toText(value)) && isOurs;
        if (changed || standing.get(section)?.has(option)) file.set(section, option, toText(value));
      }
    }
    const written = file.toString();
    if (written !== text) {
      await mkdir(join(path, ".."), { recursive: true });
      await writeDurably(path, written);
    }
    this.#readAt = (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
  }

  /**
   * Sets a value as it comes from the file, the service or the control server. What is wrong is logged and refused.
   * (agent §2.2)
   */
  set(givenSection: string, givenOption: string, given: unknown): boolean {
    const section = givenSection.trim().toLowerCase() || "global";
    const name = givenOption.trim().toLowerCase();
    const option = renamed.get(name) ?? name;
    if (section === "system" || option === "") return false;
    let value: unknown = typeof given === "string" ? given.trim() : given;
    if (value === "" && !mayBeEmpty.test(option)) {
      if (option !== "remote_common_dir") this.#log.debug({ section, option }, "empty value refused");
      return false;
    }
    if (commaLists.has(option) && typeof value === "string") value = splitList(value);
    if (typeof value === "string" && /(_dir|_file)$/.test(option)) {
      value = value.replaceAll(/%arch%/gi, process.arch === "ia32" ? "32" : "64");
      if (this.platform.system === "windows") value = String(value).replace(/^([a-z]):(?!\\)/i, "$1:\\");
    }
    try {
      const options = this.#sections.get(section);
      if (openSection.test(section)) {
        const values = options ?? new Map<string, OptionValue>();
        this.#sections.set(section, values.set(option, coerceEventOption(option, value)));
        return true;
      }
      const current = options?.get(option);
      if (options === undefined || current === undefined) {
        this.#log.warning({ section, option }, "unknown option refused");
        return false;
      }
      options.set(option, this.#coerce(section, option, value, current));
      return true;
    } catch (error) {
      if (!isOpsiError(error)) throw error;
      this.#log.error({ section, option, reason: error.message }, "bad value refused");
      return false;
    }
  }

  /** Removes an option that no event knows from all events, so that it vanishes from the file too. (agent §3.1) */
  forgetEventOption(option: string): void {
    for (const [section, options] of this.#sections) if (section.startsWith("event_")) options.delete(option);
  }

  value(path: string): OptionValue | undefined {
    const dot = path.indexOf(".");
    return this.#sections.get(path.slice(0, dot))?.get(path.slice(dot + 1));
  }

  text(path: string): string {
    const value = this.value(path);
    return value === undefined ? "" : toText(value);
  }

  number(path: string): number {
    const value = this.value(path);
    return typeof value === "number" ? value : 0;
  }

  flag(path: string): boolean {
    return this.value(path) === true;
  }

  list(path: string): readonly string[] {
    const value = this.value(path);
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }

  /** Sections whose name begins with `event_` or `precondition_`, without that. */
  named(kind: "event" | "precondition"): Map<string, ReadonlyMap<string, OptionValue>> {
    const prefix = `${kind}_`;
    const found = [...this.#sections].filter(([section]) => section.startsWith(prefix));
    return new Map(found.map(([section, options]) => [section.slice(prefix.length), options]));
  }

  toObject(): Record<string, Record<string, OptionValue>> {
    return Object.fromEntries([...this.#sections].map(([section, options]) => [section, Object.fromEntries(options)]));
  }

  #coerce(section: string, option: string, value: unknown, current: OptionValue): OptionValue {
    if (section === "config_service" && option === "url") return serviceUrls(value, this.#log);
    if (option === "opsi_host_key") {
      if (!/^[0-9a-f]{32}$/i.test(String(value)))
        throw new OpsiError("ValueError", "Bad opsi host key, 32 hexadecimal digits needed");
      return String(value).toLowerCase();
    }
    if (option === "host_id" || option === "depot_id" || option === "master_depot_id") {
      return String(rule.hostId.coerce(String(value).replaceAll("_", "-")));
    }
    if (option === "drive" && this.platform.system !== "windows" && !String(value).startsWith("/")) {
      throw new OpsiError("ValueError", `Bad depot drive '${value}', must begin with /`);
    }
    if (Array.isArray(current)) return Array.isArray(value) ? value.map(String) : splitList(String(value));
    if (typeof current === "boolean") return toBoolean(value);
    if (typeof current === "number") {
      const number = Number(value);
      if (Number.isNaN(number) || value === "" || Array.isArray(value))
        throw new OpsiError("ValueError", `Not a number: '${value}'`);
      return option === "connection_timeout" || option === "user_cancelable_after" ? Math.max(0, number) : number;
    }
    return Array.isArray(value) ? value.join(",") : String(value);
  }
}

/** What has to survive a restart without the service, apart from events. */
const neededToStart: ReadonlySet<string> = new Set([
  "global.host_id",
  "global.opsi_host_key",
  "global.log_level",
  "global.max_log_size",
  "global.max_log_transfer_size",
  "global.keep_rotated_logs",
  "global.verify_server_cert",
  "global.trust_uib_opsi_ca",
  "global.replace_expired_ca",
  "global.install_opsi_ca_into_os_store",
  "global.suspend_bitlocker_on_reboot",
  "global.proxy_url",
  "global.message_of_the_day_enabled",
  "config_service.url",
  "config_service.connection_timeout",
  "config_service.user_cancelable_after",
  "config_service.permanent_connection",
  "config_service.sync_time_from_service",
  "config_service.reconnect_wait_min",
  "config_service.reconnect_wait_max",
  "depot_server.master_depot_id",
  "depot_server.depot_id",
  "depot_server.drive",
  "depot_server.username",
  "cache_service.product_cache_max_size",
  "cache_service.include_product_group_ids",
  "cache_service.exclude_product_group_ids",
  "control_server.interface",
  "control_server.port",
  "control_server.max_authentication_failures",
  "control_server.kiosk_api_active",
  "control_server.process_actions_event",
  "action_processor.command",
]);

/** null if there is no such file; one that cannot be read must not count as empty: it would be written over. */
async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function serviceUrls(value: unknown, log: Log): string[] {
  const urls = new Set(Array.isArray(value) ? value.map(String) : splitList(String(value)));
  for (const url of urls) if (!/^https?:\/\/[^/]/i.test(url)) log.error({ url }, "bad service address kept");
  return [...urls];
}

function coerceEventOption(option: string, value: unknown): OptionValue {
  if (/_warning_time$|_user_cancelable$/.test(option)) return Math.trunc(Number(value)) || 0;
  if (option === "active") return toBoolean(value);
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "number" || typeof value === "boolean" ? value : String(value);
}

/** Any text that says nothing else is true. (agent §2.2) */
function toBoolean(value: unknown): boolean {
  return typeof value === "string" ? !["", "false", "no", "off", "0"].includes(value.toLowerCase()) : Boolean(value);
}

const splitList = (text: string) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

export function toText(value: OptionValue): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}
