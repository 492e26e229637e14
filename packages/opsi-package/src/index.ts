export { type CompanionOptions, companionNames, readMd5File, writeCompanionFiles } from "./companion-files.ts";
export {
  type ContentEntry,
  type ContentOptions,
  formatContentFile,
  parseContentFile,
  readContents,
} from "./content-file.ts";
export {
  type FoundControl,
  findControl,
  readControlOfFolder,
  readFoundControl,
  versionOf,
} from "./control/control-files.ts";
export type { Condition, PackageControl, PackageDependency } from "./control/package-control.ts";
export { readIniControl } from "./control/read-ini-control.ts";
export { writeControl, writeControlToml } from "./control/write-control.ts";
export { writeIniControl } from "./control/write-ini-control.ts";
export { type PackageName, parsePackageFileName, repositoryFileName } from "./file-name.ts";
export { applyRights, type OwnerIds, type Rights } from "./folder-rights.ts";
export { inWorker } from "./in-worker.ts";
export { type ListedArchive, type ListedMember, listPackage } from "./list-package.ts";
export { type MadePackage, type MakeOptions, type MakeProgress, makePackage } from "./make-package.ts";
export { PackageError, type PackageFault } from "./package-error.ts";
export { type RunScriptOptions, runPackageScript, type ScriptSituation } from "./package-script.ts";
export { type ArchiveMember, readArchive } from "./read-archive.ts";
export { readPackage } from "./read-package.ts";
export { extractPackage, type UnpackOptions, type UnpackProgress, unpackPackage } from "./unpack-package.ts";
export { compareVersions, versionFulfills } from "./version.ts";
export { writeDurably } from "./write-whole.ts";
export { findBlocks } from "./zsync/find-blocks.ts";
export { type FileHashes, hashFile, md5OfFile } from "./zsync/hash-file.ts";
export { type FoundBlocks, optimizedPlan, type Piece, plainPlan, rangeHeaders } from "./zsync/plan-download.ts";
export { type FetchRanges, type RebuildResult, type RemotePart, rebuildFile } from "./zsync/rebuild-file.ts";
export { formatZsync, parseZsync, type ZsyncFile, type ZsyncParameters } from "./zsync/zsync-file.ts";
