import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isOpsiError } from "../../../packages/model/src/index.ts";
import {
  extractPackage,
  findControl,
  formatContentFile,
  formatZsync,
  hashFile,
  type ListedArchive,
  listPackage,
  type MakeOptions,
  makePackage,
  md5OfFile,
  PackageError,
  parseContentFile,
  parsePackageFileName,
  parseZsync,
  readContents,
  readControlOfFolder,
  readFoundControl,
  readMd5File,
  readPackage,
  unpackPackage,
  writeControl,
  writeControlToml,
} from "../../../packages/opsi-package/src/index.ts";
import type { Tally } from "../tally.ts";
import { Comparison } from "./compare.ts";
import { playInstalled } from "./play-installed.ts";
import { playZsync } from "./play-zsync.ts";
import { comparable, readTree, type TreeEntry } from "./tree.ts";

export interface RecordedPackage {
  readonly made: { readonly tool: string; readonly options: readonly string[] | Readonly<Record<string, unknown>> };
  readonly file: { readonly name: string; readonly md5: string };
  readonly fromFileName?: { readonly id?: string; readonly productVersion: string; readonly packageVersion: string };
  readonly parsed?: unknown;
  readonly error?: unknown;
  readonly archives?: readonly RecordedArchive[];
  readonly extracted?: readonly TreeEntry[] | { readonly error: unknown };
  readonly extractedSeparated?: readonly TreeEntry[];
  readonly contentFile?: readonly string[];
}

interface RecordedArchive {
  readonly name: string;
  readonly members: readonly (Omit<TreeEntry, "path"> & { readonly name: string })[];
}

/** One recorded package: everything that can be done with it. */
export async function playPackage(
  tally: Tally,
  name: string,
  folder: string,
  expected: RecordedPackage,
  scratch: string,
): Promise<void> {
  const comparison = new Comparison(tally, name);
  const path = join(folder, expected.file.name);
  const own = join(scratch, name);
  await mkdir(own);
  await compareFileName(comparison, expected);
  if (existsSync(path)) {
    await comparison.step("read", () => compareRead(comparison, path, expected));
    await comparison.step("extract", () => compareExtracted(comparison, path, expected, own));
    await comparison.step("companions", () => compareCompanions(comparison, path, expected));
  }
  const installations = join(folder, "installed.json");
  // Without CLIENT_DATA the original fails halfway; we install an empty folder (packages 3.3 step 7)
  const hasData = expected.archives?.some((archive) => archive.name.startsWith("CLIENT_DATA")) ?? true;
  if (existsSync(path) && existsSync(installations) && hasData) {
    await playInstalled(comparison, path, JSON.parse(await readFile(installations, "utf8")), own);
  }
  const source = join(folder, "source.tar.gz");
  if (existsSync(source) && expected.made.tool !== "legacy") {
    await comparison.step("make", () => compareMade(comparison, source, expected, own));
  }
  await rm(own, { recursive: true, force: true });
}

async function compareFileName(comparison: Comparison, { file, fromFileName }: RecordedPackage): Promise<void> {
  // Where the original gets stuck with the name, any answer is good
  if (!fromFileName?.id) return;
  const parsed = parsePackageFileName(file.name);
  const { id, productVersion, packageVersion } = fromFileName;
  const version = `${productVersion}-${packageVersion}`;
  comparison.equal("file name", { id, version }, { id: parsed?.productId, version: parsed?.version });
}

async function compareRead(comparison: Comparison, path: string, { parsed, error }: RecordedPackage): Promise<void> {
  if (error !== undefined) {
    const refused = await readPackage(path).then(
      () => "was read, the original refuses it",
      (thrown: unknown) => thrown,
    );
    comparison.holds("read", isOpsiError(refused), String(refused));
    return;
  }
  const control = await readPackage(path);
  for (const [key, value] of Object.entries(parsed ?? {})) {
    comparison.equal(`read/${key}`, value, control[key as keyof typeof control]);
  }
}

async function compareExtracted(
  comparison: Comparison,
  path: string,
  { extracted, extractedSeparated, contentFile }: RecordedPackage,
  own: string,
): Promise<void> {
  const target = join(own, "extracted");
  const options = { keepSetIdBits: true };
  if (isTree(extracted)) {
    await extractPackage(path, target, options);
    comparison.equal("extract", comparable(extracted), comparable(await readTree(target)));
  } else if (extracted) {
    const refused = await extractPackage(path, target, options).catch((error: unknown) => error);
    comparison.holds("extract", refused instanceof PackageError, "was extracted, the original refuses it");
    comparison.holds("nothing left", !existsSync(target), "the refused package was left unpacked");
  }
  const expected = extractedSeparated ?? extracted;
  if (isTree(expected)) {
    const separated = join(own, "separated");
    await unpackPackage(path, separated, { ...options, separated: true });
    comparison.equal("extract separated", comparable(expected), comparable(await readTree(separated)));
  }
  if (contentFile) {
    const entries = await readContents(join(own, "extracted", "CLIENT_DATA"));
    const text = formatContentFile(entries);
    comparison.equal("content file", contentFile, text.split("\n").sort(byCodePoint));
    comparison.equal("content file read", entries, parseContentFile(text));
  }
}

async function compareCompanions(comparison: Comparison, path: string, { file }: RecordedPackage): Promise<void> {
  if (existsSync(`${path}.md5`)) {
    comparison.equal("md5 read", file.md5, await readMd5File(`${path}.md5`));
    comparison.equal("md5", await readFile(`${path}.md5`, "utf8"), await md5OfFile(path));
  }
  if (existsSync(`${path}.zsync`)) {
    const bytes = await readFile(`${path}.zsync`);
    const recorded = parseZsync(bytes);
    await playZsync(comparison, recorded, path);
    const { zsync } = await hashFile(path);
    const made = formatZsync({ ...zsync, modified: recorded.modified });
    comparison.holds("zsync written", Buffer.from(made).equals(bytes), "the zsync file has other bytes");
  }
}

/** Unpacks the source, packs it with the same options and looks what came out. */
async function compareMade(
  comparison: Comparison,
  sourceArchive: string,
  expected: RecordedPackage,
  own: string,
): Promise<void> {
  const source = join(own, "source");
  await mkdir(source);
  await promisify(execFile)("tar", ["xpzf", sourceArchive, "-C", source]);
  const { options, rewrites } = toolOptions(expected.made);
  if (rewrites) await rewriteControl(source, expected.made.options as readonly string[]);
  if (expected.error !== undefined) return await compareMadeUnreadable(comparison, source, options, own);
  const { path, control } = await makePackage(source, { ...options, destination: own });
  comparison.equal("make/name", expected.file.name, path.split("/").at(-1));
  const wanted = (expected.archives ?? []).map((archive) => recordedMembers(archive, rewrites));
  comparison.equal(
    "make/archives",
    wanted,
    (await listPackage(path)).map((archive) => listedMembers(archive, rewrites)),
  );
  const again = await readPackage(path);
  comparison.equal("make/control", control, again);
  for (const [key, value] of Object.entries(expected.parsed ?? {})) {
    comparison.equal(`make/${key}`, value, again[key as keyof typeof again]);
  }
  await compareExtractedAgain(comparison, path, expected, own);
}

async function compareExtractedAgain(
  comparison: Comparison,
  path: string,
  { made, extracted }: RecordedPackage,
  own: string,
): Promise<void> {
  if (!isTree(extracted) || made.tool === "opsi-makepackage") return;
  const target = join(own, "extracted again");
  await extractPackage(path, target, { keepSetIdBits: true });
  comparison.equal("make/extract", comparable(extracted), comparable(await readTree(target)));
}

const isTree = (recorded: RecordedPackage["extracted"]): recorded is readonly TreeEntry[] => Array.isArray(recorded);

/** The original packs it without complaint and cannot read it afterwards; we may refuse earlier. */
async function compareMadeUnreadable(
  comparison: Comparison,
  source: string,
  options: MakeOptions,
  own: string,
): Promise<void> {
  try {
    const { path } = await makePackage(source, { ...options, destination: own });
    await readPackage(path);
    comparison.holds("make", false, "can be made and read, the original cannot read it");
  } catch (error) {
    comparison.holds("make", isOpsiError(error), String(error));
  }
}

interface ToolOptions {
  readonly options: MakeOptions;
  /** opsi-makepackage writes the control file anew. */
  readonly rewrites: boolean;
}

function toolOptions({ tool, options }: RecordedPackage["made"]): ToolOptions {
  if (!Array.isArray(options)) {
    const given = options as Readonly<Record<string, string | boolean | undefined>>;
    return {
      rewrites: false,
      options: {
        compression: compressionOf(given["compression"]),
        customName: given["custom_name"] as string | undefined,
        customOnly: given["custom_only"] === true,
        followSymlinks: given["dereference"] === true || given["follow_symlinks"] === true,
      },
    };
  }
  const after = (...names: string[]) => {
    const index = options.findIndex((option) => names.includes(option));
    return index < 0 ? undefined : (options[index + 1] as string);
  };
  const customOnly = tool === "opsi-makepackage" ? after("--custom-only", "-c") : undefined;
  return {
    rewrites: tool === "opsi-makepackage",
    options: {
      compression: compressionOf(after("--compression")),
      customName: customOnly ?? after("--custom-name", "-i"),
      customOnly: customOnly !== undefined || options.includes("--custom-only"),
      followSymlinks: options.includes("--follow-symlinks") || (tool === "opsi-makepackage" && options.includes("-h")),
    },
  };
}

function compressionOf(given: unknown): "zstd" | "gz" | "bz2" {
  if (given === "gz" || given === "gzip") return "gz";
  return given === "bz2" || given === "bzip2" ? "bz2" : "zstd";
}

/** What opsi-makepackage does before it packs: versions, the other form, and the control file anew. */
async function rewriteControl(source: string, options: readonly string[]): Promise<void> {
  const found = await findControl(source);
  const control = await readFoundControl(found);
  const version = (name: string, attribute: string) => {
    const index = options.indexOf(name);
    return index < 0 ? {} : { [attribute]: options[index + 1] };
  };
  const versions = {
    ...version("--product-version", "productVersion"),
    ...version("--package-version", "packageVersion"),
  };
  const changed = {
    ...control,
    product: { ...control.product, ...versions },
    productProperties: control.productProperties.map((property) => ({ ...property, ...versions })),
    productDependencies: control.productDependencies.map((dependency) => ({ ...dependency, ...versions })),
  };
  if (options.includes("--control-to-toml")) {
    await writeControlToml(found.directory, changed);
    // Both are in the package then; the INI form is made of what the TOML form says
    await writeControl({ ...found, name: "control.toml" }, await readControlOfFolder(found.directory));
  } else await writeControl(found, changed);
  await writeFile(join(source, "OPSI", ".keep~"), ""); // an excluded name, as editors leave them
}

const isControl = (name: string) => name === "control" || name === "control.toml";

function recordedMembers({ name, members }: RecordedArchive, withoutControl: boolean) {
  return {
    name,
    members: members
      .filter((member) => !(withoutControl && isControl(member.name)))
      .map(({ name, type, mode, size, sha256, target }) => ({
        ...{ name, type, sha256, target },
        ...(type === "file" && { mode, size }),
      }))
      .sort(byName),
  };
}

const typeNames: Record<string, string> = { directory: "dir" };

function listedMembers({ name, members }: ListedArchive, withoutControl: boolean) {
  return {
    name,
    members: members
      .filter((member) => !(withoutControl && isControl(member.name)))
      .map(({ name, type, mode, size, sha256, target }) => ({
        ...{
          name,
          type: typeNames[type] ?? type,
          sha256: sha256 ?? undefined,
          target: target === "" ? undefined : target,
        },
        ...(type === "file" && { mode: `0${mode.toString(8).padStart(3, "0")}`.slice(-4), size }),
      }))
      .sort(byName),
  };
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
/** Python's order of texts. */
const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
