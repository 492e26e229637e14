import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { formerServer } from "../../../packages/server/src/backends/former-server.ts";
import { type OpsiConf, readOpsiConf } from "../../../packages/server/src/configuration/opsi-conf.ts";
import { type SiteFolders, siteFolders } from "../../../packages/server/src/configuration/site-folders.ts";
import { isRecord } from "../json-values.ts";
import type { Comparison } from "../packages/compare.ts";
import { type RecordedError, type RecordedFile, refuses } from "./play-configuration.ts";

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
type Failure = { readonly error: RecordedError };

interface RecordedOpsiConf extends RecordedFile {
  /** What the file says as it is. */
  readonly read: Sections | Failure;
  /** What it says after the upgrade of a start. */
  readonly upgraded: Sections | Failure;
  readonly fileAfterUpgrade?: string;
  /** Other files of the site. */
  readonly besides?: Readonly<Record<string, string>>;
}

const fqdn = "fqdn.schule-am-see.example";
const isFailure = (result: Sections | Failure): result is Failure => "error" in result;
/** With these the original starts, but logs in nowhere, or nobody finds it. */
function whatIsUnusable({ id, key, "server-role": role }: Readonly<Record<string, unknown>>): string | null {
  if (key !== "" && !isKey(key)) return "host.key";
  if (!/^[\w-]+(\.[\w-]+){2,}$/.test(String(id))) return "host.id";
  return role === "configserver" || role === "depotserver" ? null : "host.server-role";
}

const isKey = (key: unknown) => /^[0-9a-f]{32}$/i.test(String(key));

export async function playOpsiConf(comparison: Comparison, path: string, recorded: RecordedOpsiConf): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "play-opsi-conf-"));
  try {
    const folders = siteFolders(root);
    const file = join(folders.configuration, "opsi.conf");
    await mkdir(folders.backends, { recursive: true });
    await mkdir(folders.backendManager, { recursive: true });
    await copyFile(path, file);
    for (const [name, text] of Object.entries(recorded.besides ?? {})) await writeFile(placeOf(name, folders), text);
    await playStart(comparison, recorded, file, () => startWith(file, folders));
  } finally {
    await rm(root, { recursive: true });
  }
}

function placeOf(name: string, { configuration, backends, backendManager }: SiteFolders): string {
  const folder = name === "dispatch.conf" ? backendManager : name === "global.conf" ? configuration : backends;
  return join(folder, name);
}

/** As a server does that is told nothing on its command line. */
function startWith(file: string, folders: SiteFolders): OpsiConf {
  return readOpsiConf(file, {
    ...{ hostId: fqdn, hostKey: "", serverRole: "configserver", serviceUrl: "https://localhost:4447" },
    ...formerServer(folders),
  });
}

async function playStart(
  comparison: Comparison,
  { read, upgraded, fileAfterUpgrade }: RecordedOpsiConf,
  file: string,
  start: () => OpsiConf,
): Promise<void> {
  if (isFailure(read) && isFailure(upgraded)) return playUnreadable(comparison, file, start);
  const wanted = wantedOf(read, upgraded);
  const { host = {}, groups = {} } = wanted;
  const unusable = whatIsUnusable(host);
  if (unusable !== null) {
    refuses(comparison, "refused", start, file, unusable);
    return comparison.defect();
  }
  const before = await readFile(file, "utf8");
  const found = start();
  const { ldap_auth: ldap = {}, service = {}, depot_user: user = {} } = wanted;
  // Host ids and keys are lower-case, whatever stands in the file.
  comparison.equal(
    "host",
    { ...host, id: String(host["id"]).toLowerCase(), key: null },
    { id: found.hostId, key: null, "server-role": found.serverRole },
  );
  // Without a key nobody could log in: it is made up here, and not at the first use.
  comparison.holds(
    "key",
    host["key"] === "" ? isKey(found.hostKey) : found.hostKey === String(host["key"]).toLowerCase(),
    found.hostKey,
  );
  comparison.equal("service", service, { url: found.serviceUrl });
  comparison.equal("groups", groups, {
    ...{ fileadmingroup: found.fileAdminGroup, admingroup: found.adminGroup, readonly: found.readOnlyGroup },
  });
  comparison.equal("depot user", user, { username: found.depotUser, home: found.depotUserHome });
  const { url, bindUser, groupFilter, useMemberOfRdn } = found.ldap;
  comparison.equal("ldap", ldap, {
    ...{ ldap_url: url, bind_user: bindUser, group_filter: groupFilter, use_member_of_rdn: useMemberOfRdn },
  });
  const after = await readFile(file, "utf8");
  comparison.equal("second start", found, start());
  comparison.equal("file after second start", after, await readFile(file, "utf8"));
  comparison.equal(
    "lost comments",
    [],
    commentsOf(before).filter((comment) => !after.includes(comment)),
  );
  if (fileAfterUpgrade !== undefined && isFailure(read)) playFile(comparison, parse(fileAfterUpgrade), parse(after));
}

/** Every value of the file that the original writes. */
function playFile(comparison: Comparison, wanted: object, found: object): void {
  for (const [section, values] of Object.entries(wanted)) {
    for (const [key, value] of Object.entries(isRecord(values) ? values : {})) {
      const ours = (found as Record<string, Record<string, unknown>>)[section]?.[key];
      if (value !== "") comparison.equal(`file ${section}.${key}`, value, ours);
    }
  }
}

const commentsOf = (text: string) => [...text.matchAll(/^\s*[#;]\s*(\S.*)$/gm)].map(([, comment = ""]) => comment);

/**
 * What stands in the file counts; what it lacks is filled in. The upgrade of the original destroys values with a comment
 * behind them, texts in single quotes and tables in one line: they are as it reads them without upgrade.
 */
function wantedOf(read: Sections | Failure, upgraded: Sections | Failure): Sections {
  if (isFailure(read)) return upgraded as Sections;
  const fallback: Sections = isFailure(upgraded)
    ? { host: { id: fqdn, "server-role": "configserver" }, service: { url: "https://localhost:4447" } }
    : upgraded;
  return Object.fromEntries(
    Object.entries(read).map(([section, values]) => [
      section,
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, value === "" ? (fallback[section]?.[key] ?? "") : value]),
      ),
    ]),
  );
}

/** Neither reads nor upgrades the original such a file. Ours says what is wrong, or reads it and loses nothing. */
function playUnreadable(comparison: Comparison, file: string, start: () => OpsiConf): void {
  const values = [...readFileSync(file, "latin1").matchAll(/^\s*\w[\w-]*\s*[=:]\s*["']?([^"'\n]*)/gm)].map(
    ([, value = ""]) => value.trim(),
  );
  try {
    start();
  } catch {
    refuses(comparison, "refused", start, file);
    return;
  }
  const after = readFileSync(file, "latin1");
  comparison.equal(
    "lost values",
    [],
    values.filter((value) => !after.includes(value)),
  );
}
