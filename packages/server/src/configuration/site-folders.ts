import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Where a site keeps its things. All paths are absolute and lie below `root`. */
export interface SiteFolders {
  readonly root: string;
  /** opsi.conf, opsiconfd.conf, local users */
  readonly configuration: string;
  readonly ssl: string;
  readonly licenses: string;
  readonly backends: string;
  readonly backendManager: string;
  /** depot, repository, database and whatever else the service must keep */
  readonly state: string;
  readonly depot: string;
  readonly repository: string;
  readonly workbench: string;
  readonly public: string;
  readonly backup: string;
  readonly temporary: string;
  readonly fileTransfer: string;
  /** What belongs to the service alone: add-ons, its home. */
  readonly service: string;
  readonly logs: string;
  /** What TFTP and `/boot` serve. */
  readonly boot: string;
}

/** The folders of a site, named as in the original. Nothing is created. (service 8.2, 4.1) */
export function siteFolders(root: string): SiteFolders {
  const base = resolve(root);
  const below = (...parts: string[]) => join(base, ...parts);
  const olderBoot = below("var/lib/tftpboot"); // SUSE
  const boot = !existsSync(below("tftpboot")) && existsSync(olderBoot) ? olderBoot : below("tftpboot");
  return {
    root: base,
    configuration: below("etc/opsi"),
    ssl: below("etc/opsi/ssl"),
    licenses: below("etc/opsi/licenses"),
    backends: below("etc/opsi/backends"),
    backendManager: below("etc/opsi/backendManager"),
    state: below("var/lib/opsi"),
    depot: below("var/lib/opsi/depot"),
    repository: below("var/lib/opsi/repository"),
    workbench: below("var/lib/opsi/workbench"),
    public: below("var/lib/opsi/public"),
    backup: below("var/lib/opsi/backup"),
    temporary: below("var/lib/opsi/tmp"),
    fileTransfer: below("var/lib/opsi/tmp/file-transfer"),
    service: below("var/lib/opsiconfd"),
    logs: below("var/log/opsi"),
    boot,
  };
}

/** Folders below the log folder that `log_write` fills. (service 8.7) */
const logTypes = ["bootimage", "clientconnect", "instlog", "userlogin", "opsiconfd"];

/** Creates what is missing; what exists keeps its permissions. (service 8.2, step 8) */
export function createSiteFolders(folders: SiteFolders): void {
  const { root, ssl, public: publicFolder, depot, workbench, repository, ...others } = folders;
  const create = (path: string, mode: number) => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 }); // not ours alone: /var/lib, or whatever leads to the root
    mkdirSync(path, { recursive: true, mode });
  };
  create(root, 0o755);
  for (const path of Object.values(others)) create(path, 0o770);
  for (const type of logTypes) create(join(folders.logs, type), 0o770);
  create(ssl, 0o750);
  create(publicFolder, 0o775);
  for (const path of [depot, workbench, repository]) create(path, 0o770);
}
