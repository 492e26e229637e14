import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { parse, stringify } from "smol-toml";
import { configurationFolder, type Surroundings } from "../surroundings.ts";

export interface SavedService {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly caFile?: string | undefined;
}

/** The user's own file: services by name, and which of them is meant when none is named. */
export interface SavedServices {
  readonly fallback: string | null;
  readonly services: Readonly<Record<string, SavedService>>;
}

/** Where opsi-cli keeps its settings, with our ending. (packages §6.1) */
export function savedServicesFile(surroundings: Surroundings): string {
  return join(configurationFolder(surroundings), "opsi-cli", "opsi-cli.toml");
}

/**
 * Reads the file; one that is missing holds nothing.
 *
 *     service = "main"
 *
 *     [services.main]
 *     url = "https://opsi.example.org:4447"
 *     username = "admin1"
 *
 * @throws OpsiError BackendConfigurationError naming the file and the key
 */
export async function readSavedServices(file: string): Promise<SavedServices> {
  let content: string;
  try {
    content = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { fallback: null, services: {} };
    throw error;
  }
  const bad = (message: string, cause?: unknown) =>
    new OpsiError("BackendConfigurationError", `${file}: ${message}`, { cause });
  let table: Record<string, unknown>;
  try {
    table = parse(content);
  } catch (error) {
    // The library quotes lines of the file, and one of them may be a password.
    throw bad(error instanceof Error ? (error.message.split("\n")[0] ?? "") : "no TOML", error);
  }
  const services: Record<string, SavedService> = {};
  for (const [name, value] of Object.entries(isTable(table["services"]) ? table["services"] : {})) {
    if (!isTable(value)) throw bad(`services.${name} is no table`);
    const text = (key: string) => {
      const member = value[key];
      if (member === undefined || typeof member === "string") return member;
      throw bad(`services.${name}.${key} must be a text`);
    };
    const url = text("url");
    if (url === undefined) throw bad(`services.${name}.url is missing`);
    services[name] = { url, username: text("username"), password: text("password"), caFile: text("ca_file") };
  }
  const fallback = table["service"] ?? null;
  if (fallback !== null && typeof fallback !== "string") throw bad("service must be a text");
  return { fallback, services };
}

/** Writes the file readable for its owner alone, since it may hold passwords; a crash leaves the old or the new one. */
export async function writeSavedServices(file: string, { fallback, services }: SavedServices): Promise<void> {
  const tables = Object.entries(services).map(([name, { url, username, password, caFile }]) => {
    return [name, withoutUndefined({ url, username, password, ca_file: caFile })];
  });
  const content = stringify(withoutUndefined({ service: fallback ?? undefined, services: Object.fromEntries(tables) }));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const { writeDurably } = await import("@opsi-ts/opsi-package"); // most commands only read
  await writeDurably(file, `${content}\n`, { mode: 0o600 });
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withoutUndefined(table: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined));
}
