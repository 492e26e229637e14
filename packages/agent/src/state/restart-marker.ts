import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What the agent is told for its next start. (agent §1.5) */
export interface RestartMarker {
  readonly disabledTypes: ReadonlySet<string>;
  readonly runScript: string | null;
}

const startTypes = ["gui startup", "daemon startup"];

export const markerPath = (baseFolder: string) => join(baseFolder, ".opsiclientd_restart");

/** Reads the marker and removes it, unless it says that it shall stay. Without one nothing is disabled. */
export async function takeMarker(path: string): Promise<RestartMarker> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return { disabledTypes: new Set(), runScript: null };
  const values = new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const [, key, value] = /^\s*([^#=]+?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key.toLowerCase(), value] as const];
    }),
  );
  const isTrue = (key: string) => !["false", "0", "no", "off"].includes((values.get(key) ?? "true").toLowerCase());
  if (isTrue("remove_marker") || isTrue("restart_service")) await removeMarker(path);
  const runScript = values.get("run_opsi_script") ?? null;
  const given = (values.get("disabled_event_types") ?? "")
    .toLowerCase()
    .split(",")
    .map((type) => type.trim());
  // An empty file is the old form.
  const types = text.trim() === "" || runScript !== null ? [...given, ...startTypes] : given;
  return { disabledTypes: new Set(types.filter((type) => type !== "")), runScript };
}

export async function isMarked(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

export const removeMarker = (path: string) => rm(path, { force: true });

/** Written before the agent restarts itself, so that it does not take that for a start of the machine. */
export async function leaveMarker(path: string): Promise<void> {
  const text = `disabled_event_types = ${startTypes.join(",")}\nrestart_service = false\nremove_marker = true\n`;
  await writeFile(path, text, { flag: "wx" }).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  });
}
