import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { decodeText } from "../configuration/decode-text.ts";
import { runProgram } from "./run-program.ts";
import type { Installation, Step } from "./step.ts";

const smbConf = "/etc/samba/smb.conf";

interface Share {
  readonly name: string;
  readonly comment: string;
  readonly path: string;
  readonly writable: boolean;
  /** Neither for root nor for the user that clients mount the depot as. */
  readonly peopleOnly: boolean;
  readonly holdsPrograms: boolean;
}

function sharesOf({ configuration: { folders } }: Installation): Share[] {
  const share = (name: string, comment: string, path: string, flags: Partial<Share> = {}): Share => ({
    name,
    comment,
    path,
    writable: false,
    peopleOnly: false,
    holdsPrograms: false,
    ...flags,
  });
  return [
    share("opsi_depot", "opsi depot share (ro)", folders.depot, { holdsPrograms: true }),
    share("opsi_depot_rw", "opsi depot share (rw)", folders.depot, { writable: true, holdsPrograms: true }),
    share("opsi_images", "opsi ntfs images share (rw)", join(folders.state, "ntfs-images"), { writable: true }),
    share("opsi_workbench", "opsi workbench share (rw)", folders.workbench, {
      writable: true,
      peopleOnly: true,
      holdsPrograms: true,
    }),
    share("opsi_repository", "opsi repository share (ro)", folders.repository, { peopleOnly: true }),
    share("opsi_logs", "opsi logs share (ro)", folders.logs, { peopleOnly: true }),
  ];
}

function sectionOf({ name, comment, path, writable, peopleOnly, holdsPrograms }: Share, depotUser: string): string {
  return [
    `[${name}]`,
    "   available = yes",
    `   comment = ${comment}`,
    `   path = ${path}`,
    `   writeable = ${writable ? "yes" : "no"}`,
    `   invalid users = root${peopleOnly ? ` ${depotUser}` : ""}`,
    ...(writable ? ["   create mask = 0660", "   directory mask = 0770"] : ["   follow symlinks = yes"]),
    ...(holdsPrograms ? ["   acl allow execute always = true"] : []),
    "",
  ].join("\n");
}

/** The shares of Samba that clients and administrators mount, where Samba is installed. (service 8.2 step 16) */
export const shares: Step = {
  what: "the shares of Samba",
  async *run(installation) {
    if (!existsSync(smbConf)) {
      yield { state: "left out", what: this.what, why: `there is no ${smbConf}; clients can use WebDAV` };
      return;
    }
    const before = decodeText(readFileSync(smbConf), smbConf);
    const missing = sharesOf(installation).filter(
      ({ name }) => !before.split("\n").some((line) => line.trim().toLowerCase() === `[${name}]`),
    );
    if (missing.length === 0) {
      yield { state: "already", what: this.what };
      return;
    }
    const added = missing.map((share) => sectionOf(share, installation.conf.depotUser)).join("\n");
    writeFileAtomically(`${smbConf}.before-opsi`, before, 0o644);
    writeFileAtomically(smbConf, `${before.replace(/\n*$/, "\n\n")}${added}`, 0o644);
    yield { state: "done", what: `shares of Samba: ${missing.map(({ name }) => name).join(", ")}` };
    const { code } = await runProgram("smbcontrol", ["all", "reload-config"]);
    if (code !== 0) yield { state: "left out", what: "Samba reads its shares again", why: "it does not run" };
  },
};
