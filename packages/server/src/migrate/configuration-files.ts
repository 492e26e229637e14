import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { parseConfigFile } from "../configuration/config-file.ts";
import { decodeText } from "../configuration/decode-text.ts";
import { type Option, optionFlag, optionTable, otherOptions } from "../configuration/option-table.ts";
import { copyWhole, findOriginal, sameContent, statsOf } from "./copy-file.ts";
import { doneOrPlanned, type Migration } from "./deeds.ts";
import { fileSettings } from "./file-settings.ts";

const step = "configuration";

/** Files that mean the same to our server. */
const files = [
  "etc/opsi/opsi.conf",
  "etc/opsi/passwd",
  "etc/opsi/global.conf",
  "etc/opsi/backendManager/acl.conf",
  "etc/opsi/backendManager/dispatch.conf",
  "etc/opsi/server_commands_default.conf",
  "var/lib/opsi/server_commands_custom.conf",
];

/** Folders with such files. */
const folders: readonly (readonly [folder: string, pattern: RegExp])[] = [
  ["etc/opsi/backends", /\.conf$/],
  ["etc/opsi/hwaudit", /^opsihwaudit\.conf$/],
  ["etc/opsi/hwaudit/locales", /\.properties$/],
  ["etc/opsi/licenses", /\.opsilic$/],
  ["etc/opsi/ssl", /\.pem$/],
];

/** What our server has no use for. */
const useless: readonly (readonly [folder: string, pattern: RegExp, why: string])[] = [
  ["etc/opsi", /^modules(\.d)?$/, "all modules are free"],
  ["etc/opsi/backendManager/extend.d", /\.conf$/, "methods in Python do not run here: see docs/extend.md"],
  ["etc/opsi/package-updater.repos.d", /\.repo$/, "packages are updated by other means"],
];

const names = async (folder: string, pattern: RegExp) => {
  const stats = await statsOf(folder);
  return stats?.isDirectory() ? (await readdir(folder)).filter((name) => pattern.test(name)).sort() : [];
};

/** Takes over the configuration. Files that the site has already stay as they are. */
export async function copyConfiguration(migration: Migration): Promise<void> {
  const { from, note } = migration;
  for (const place of files) await take(migration, place);
  await take(migration, fileSettings(join(from, "etc/opsi/backends")).hostKeyFile, "etc/opsi/pckeys");
  await takeOptions(migration, "etc/opsi/opsiconfd.conf");
  for (const [folder, pattern] of folders) {
    for (const name of await names(join(from, folder), pattern)) await take(migration, join(folder, name));
  }
  for (const [folder, pattern, why] of useless) {
    for (const name of await names(join(from, folder), pattern)) {
      note({ step, item: `/${folder}/${name}`, state: "left out", detail: why });
    }
  }
}

async function take(migration: Migration, place: string, targetPlace = place): Promise<void> {
  const { from, root, dryRun, note, signal } = migration;
  signal.throwIfAborted();
  const target = join(root, targetPlace);
  const source = await findOriginal(from, place);
  if (source === null || !(await statsOf(source))?.isFile()) return;
  const item = `/${place}`;
  if (source === target) return note({ step, item, state: "there", detail: "" });
  if ((await statsOf(target)) !== null) {
    const isSame = await sameContent(source, target);
    return note({ step, item, state: "there", detail: isSame ? "" : "it differs from the original by now and stays" });
  }
  if (!dryRun) await copyWhole(source, target);
  note({ step, item, state: doneOrPlanned(migration), detail: "" });
}

/** Paths that the original writes into its options; below another root they are there. */
const ownPath = /^\/(etc\/opsi|var\/lib\/opsi|var\/log\/opsi|tftpboot)(\/|$)/;

async function takeOptions(migration: Migration, place: string): Promise<void> {
  const { from, root, dryRun, note } = migration;
  const target = join(root, place);
  const source = await findOriginal(from, place);
  const item = `/${place}`;
  if (source === null) return;
  const isSame = source === target;
  if (!isSame && (await statsOf(target)) !== null) return note({ step, item, state: "there", detail: "" });
  const content = decodeText(await readFile(source), source);
  const lines: string[] = [];
  let leftOut = 0;
  for (const [name, value] of parseConfigFile(content)) {
    const why = unusable(name, value);
    if (why === null) lines.push(`${name} = ${ownPath.test(value) ? join(root, value) : value}\n`);
    else note({ step, item: `${item}: ${name}`, state: "left out", detail: why });
    if (why !== null) leftOut++;
  }
  if (isSame && leftOut === 0) return note({ step, item, state: "there", detail: "" });
  const former = `${target}.bak`;
  if (!dryRun && isSame) await copyFile(target, former);
  const text = `# Taken over from ${isSame ? former : source}\n${lines.join("")}`;
  if (!dryRun) {
    await mkdir(dirname(target), { recursive: true, mode: 0o770 });
    writeFileAtomically(target, text);
  }
  const aside = isSame ? `, the former file is ${former}` : "";
  note({ step, item, state: doneOrPlanned(migration), detail: `${lines.length} options${aside}` });
}

const optionByFlag = new Map(Object.entries(optionTable).map(([name, option]) => [optionFlag(name), option]));

/** Why a value cannot be used; it is not said, as it may be a secret. */
function unusable(name: string, value: string): string | null {
  const option = optionByFlag.get(name) as Option<unknown> | undefined;
  if (!option) return otherOptions.has(name) ? "has no effect on this server" : "this server has no such option";
  try {
    option.kind.parse(value);
    return null;
  } catch (error) {
    return option.secret || !(error instanceof Error) ? "the value is not right" : error.message;
  }
}
