import { readFileSync } from "node:fs";
import { AccessControl } from "../../../packages/server/src/access-control/access-control.ts";
import { type AclEntry, parseAcl } from "../../../packages/server/src/access-control/acl-file.ts";
import { testSession } from "../../../packages/server/src/auth/test-session.ts";
import { decodeText } from "../../../packages/server/src/configuration/decode-text.ts";
import type { Comparison } from "../packages/compare.ts";
import { type RecordedFile, refuses } from "./play-configuration.ts";

interface RecordedEntry {
  readonly method?: string;
  readonly type: string;
  readonly id: string | null;
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
}

interface RecordedAcl extends RecordedFile {
  readonly entries?: readonly RecordedEntry[];
  /** By session and method: the entries that apply, or the name of the error. */
  readonly access?: Readonly<Record<string, Readonly<Record<string, string | readonly RecordedEntry[]>>>>;
}

const [client, depot] = ["r101-01.schule-am-see.example", "depot-nord.schule-am-see.example"];
/** Groups are lower-case in our sessions. */
const sessions: Readonly<Record<string, ReturnType<typeof testSession>>> = {
  admin: testSession({ username: "admin", userGroups: new Set(["opsiadmin", "opsifileadmins"]) }),
  lehrer: testSession({ username: "lehrer", userGroups: new Set(["lehrer", "domain users"]) }),
  client: testSession({ username: client, hostId: client, hostType: "OpsiClient" }),
  depot: testSession({ username: depot, hostId: depot, hostType: "OpsiDepotserver" }),
};
const groups = { admingroup: "opsiadmin", fileadmingroup: "opsifileadmins" };

const byteOrderMark = "\ufeff";

export async function playAcl(
  comparison: Comparison,
  path: string,
  { entries = [], access = {}, error }: RecordedAcl,
): Promise<void> {
  const bytes = readFileSync(path);
  const read = () => parseAcl(decodeText(bytes, path), path, groups);
  if (error) {
    // The message is the original's where that names the line.
    const words = error.message.includes("<FILE>") ? [error.message.replace("<FILE>", path)] : [/at line \d+/, path];
    return refuses(comparison, "refused", read, ...words);
  }
  // The original takes the mark for a part of the first pattern, which matches nothing then.
  const isMarked = bytes.toString("utf8").startsWith(byteOrderMark);
  const found = read();
  const wanted = entries.map((entry) => ({ ...entry, method: entry.method?.replace(byteOrderMark, "") }));
  comparison.equal(
    "entries",
    wanted,
    found.map((entry) => ({ method: entry.pattern, ...shown(entry) })),
  );
  if (isMarked) return comparison.defect();
  const control = new AccessControl(found);
  for (const [name, methods] of Object.entries(access)) {
    const session = sessions[name];
    if (!session) throw new Error(`Nobody knows the session '${name}'`);
    for (const [method, recorded] of Object.entries(methods)) {
      comparison.equal(
        `${name} ${method}`,
        typeof recorded === "string" ? recorded : recorded.map(ofNobody),
        applied(control, method, session),
      );
    }
  }
}

function applied(control: AccessControl, method: string, session: ReturnType<typeof testSession>) {
  try {
    return control.check(method, session).map(shown);
  } catch (error) {
    return (error as { class?: string }).class ?? String(error);
  }
}

const shown = ({ type, id, allowed, denied }: AclEntry) => ({
  type,
  id,
  allowed: [...allowed].sort(),
  denied: [...denied].sort(),
});

/** Whom `self` means is written into the entry by the original. */
const ofNobody = (entry: RecordedEntry) => (entry.type === "self" ? { ...entry, id: null } : entry);
