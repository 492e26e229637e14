import { readLastBackup } from "../backup/last-backup.ts";
import { type Check, error, type Finding, ok } from "./check.ts";

const hour = 3_600_000;

export const backupAge: Check = {
  id: "opsi_backup",
  name: "Backup",
  description: "Whether a backup was made within the hours of the option max-backup-age.",
  documentation: "Make one with 'opsi backup create FILE', best every night, and keep it on another machine.",
  async run({ site }) {
    const { maxBackupAge } = site.service.configuration.options;
    const last = await readLastBackup(site.folders);
    return { last_backup: maxBackupAge === 0 ? ok("No backups are asked for.") : finding(last, maxBackupAge) };
  },
};

function finding(last: Date | null, hours: number): Finding {
  if (last === null) return error("No backup was ever made.");
  const age = Math.floor((Date.now() - last.getTime()) / hour);
  const details = { last_backup: last.toISOString() };
  if (age < hours) return ok(`The last backup is ${age} hours old.`, details);
  return error(`The last backup is ${age} hours old; there should be one every ${hours} hours.`, details);
}
