import type { ArchiveReader, Member } from "./archive/member.ts";
import { linkTarget, memberPath } from "./archive/member-name.ts";
import { type ControlFiles, checkControlSize, parseControlFiles } from "./control/control-files.ts";
import type { PackageControl } from "./control/package-control.ts";
import { controlError, damaged, hostile, unsupported } from "./package-error.ts";
import { type InnerArchive, type OpenPackageOptions, PackageFile } from "./package-file.ts";

/**
 * Reads what a package is, without writing anything: product, properties, dependencies, changelog (packages 1.4).
 *
 *     const { product } = await readPackage("7zip_24.09-1.opsi");
 *
 * @throws PackageError for packages that are damaged, hostile or have a bad control file
 */
export async function readPackage(path: string, options: OpenPackageOptions = {}): Promise<PackageControl> {
  await using file = await PackageFile.open(path, options);
  const archives = file.archives.filter(({ name }) => name.startsWith("OPSI."));
  if (archives.length === 0) throw controlError(`No OPSI archive '${path}'`);
  const files: ControlFiles = {};
  for (const archive of baseFirst(archives)) {
    refuseUnnamedZstd(archive);
    Object.assign(files, await readControlMembers(file, archive, options.signal));
  }
  return parseControlFiles(files);
}

/** Base archives before custom ones: they have fewer parts in their name. (packages 1.4) */
export function baseFirst(archives: readonly InnerArchive[]): InnerArchive[] {
  const parts = ({ name }: InnerArchive) => name.split(".").length;
  return [...archives].sort((a, b) => parts(a) - parts(b));
}

/**
 * opsi 4.2 wrote zstd archives without the suffix, and opsi 4.3 cannot read them. Neither do we install them: a product
 * must not be installable on one depot of a site only. `unpackPackage` reads them, so that they can be made anew.
 */
export function refuseUnnamedZstd({ name, compression }: InnerArchive): void {
  if (compression === "zstd" && !name.endsWith(".zstd")) {
    throw unsupported(`'${name}' is compressed with zstd, but its name does not say so; make the package anew`);
  }
}

/** Every member is looked at, so that a hostile package is refused before anybody unpacks it. */
async function readControlMembers(
  file: PackageFile,
  archive: InnerArchive,
  signal: AbortSignal | undefined,
): Promise<ControlFiles> {
  const found = new Map<string, Uint8Array>();
  let hasControl = false;
  await file.eachMember(
    archive,
    async (member, reader) => {
      checkMember(member);
      if (!member.name.startsWith("control")) return;
      hasControl = true;
      const name = memberPath(member.name).join("/");
      if (name !== "control" && name !== "control.toml") return;
      found.set(name, await readControl(member, reader, found));
    },
    { signal },
  );
  if (!hasControl) throw controlError(`No control file in '${archive.name}'`);
  const [ini, toml] = [found.get("control"), found.get("control.toml")];
  return { ...(ini && { ini }), ...(toml && { toml }) };
}

function checkMember({ name, type, target }: Member): void {
  const path = memberPath(name);
  if (type === "device" || type === "pipe") throw hostile(`The archive holds a ${type}: '${name}'`);
  if (type === "hardlink") memberPath(target);
  if (type === "symlink" && linkTarget(path.slice(0, -1), target) === null) {
    throw hostile(`Symbolic link out of the archive's directory: '${name}' -> '${target}'`);
  }
}

async function readControl(
  { name, type, size, target }: Member,
  reader: ArchiveReader,
  found: ReadonlyMap<string, Uint8Array>,
): Promise<Uint8Array> {
  if (type === "hardlink") {
    const linked = found.get(target);
    if (linked) return linked;
  }
  if (type !== "file") throw damaged(`'${name}' is a ${type}`);
  checkControlSize(size);
  const parts: Uint8Array[] = [];
  for (let part = await reader.readContent(); part !== null; part = await reader.readContent())
    parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
