import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDispatch } from "../../../packages/server/src/backends/dispatch.ts";
import { formerServer } from "../../../packages/server/src/backends/former-server.ts";
import { siteFolders } from "../../../packages/server/src/configuration/site-folders.ts";
import type { Comparison } from "../packages/compare.ts";
import { type RecordedFile, refuses } from "./play-configuration.ts";

interface RecordedDispatch extends RecordedFile {
  readonly entries?: readonly (readonly [pattern: string, backends: readonly string[]])[];
  readonly usedBackends?: readonly string[];
  /** An error where the original's upgrade cannot read the file, which its dispatcher can. */
  readonly role?: string | object;
}

export async function playDispatch(comparison: Comparison, path: string, recorded: RecordedDispatch): Promise<void> {
  const { entries = [], usedBackends = [], role, error } = recorded;
  // The original goes on with a pattern that a colon cut into pieces; whom its entry is for nobody knows.
  if (error || entries.some(([pattern]) => !isPattern(pattern))) {
    refuses(comparison, "refused", () => readDispatch(path), path, /Line \d+/);
    return error ? undefined : comparison.defect();
  }
  const found = (readDispatch(path) ?? []).map(({ pattern, backends }) => [pattern.source, backends] as const);
  const used = new Set(found.flatMap(([, backends]) => backends));
  comparison.equal(
    "entries",
    entries.map(comparable),
    found.map((entry) => comparable(withUsed(entry, used))),
  );
  comparison.equal("used backends", usedBackends, [...used].sort());
  // A depot server because of a word in a comment: that is nobody's wish.
  const wanted = used.has("jsonrpc") ? "depotserver" : "configserver";
  const found42 = await roleOf(path);
  if (role === "depotserver" && wanted !== role) comparison.defect();
  else comparison.equal("role", typeof role === "string" ? role : wanted, found42);
}

/** What the original adds in front of entries of the methods `backend_`; with us no such method is dispatched. */
function withUsed([pattern, backends]: readonly [string, readonly string[]], used: ReadonlySet<string>) {
  const missing = pattern.startsWith("backend_") ? [...used].filter((name) => !backends.includes(name)) : [];
  return [pattern, [...missing, ...backends]] as const;
}

/** The added ones come from a set: in any order. */
const comparable = ([pattern, backends]: readonly [string, readonly string[]]) =>
  [pattern, pattern.startsWith("backend_") ? backends.toSorted() : backends] as const;

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}

async function roleOf(path: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "play-dispatch-"));
  try {
    const folders = siteFolders(root);
    await mkdir(folders.backendManager, { recursive: true });
    await copyFile(path, join(folders.backendManager, "dispatch.conf"));
    return formerServer(folders).serverRole ?? "configserver";
  } finally {
    await rm(root, { recursive: true });
  }
}
