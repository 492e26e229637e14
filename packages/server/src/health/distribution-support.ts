import { type Check, error, type Finding, ok, warning } from "./check.ts";
import { readOsRelease } from "./os-release.ts";

const day = 86_400_000;
const warningDays = 90;

/** The last day with security updates of those that do not say it themselves, by ID and VERSION_ID of os-release. */
const supportEnds: Readonly<Record<string, string>> = {
  "debian 11": "2026-08-31",
  "debian 12": "2028-06-30",
  "debian 13": "2030-06-30",
  "ubuntu 22.04": "2027-06-01",
  "ubuntu 24.04": "2029-05-31",
  "almalinux 8": "2029-03-01",
  "almalinux 9": "2032-05-31",
  "almalinux 10": "2035-05-31",
  "rocky 8": "2029-05-31",
  "rocky 9": "2032-05-31",
  "rocky 10": "2035-05-31",
  "rhel 8": "2029-05-31",
  "rhel 9": "2032-05-31",
  "rhel 10": "2035-05-31",
  "opensuse-leap 15.6": "2026-04-30",
};

export const distributionSupport: Check = {
  id: "linux_distro_eol",
  name: "Operating system",
  description: "Whether the server's distribution still gets security updates.",
  documentation: "Move to a newer release in time.",
  onDepots: true,
  async run() {
    return { distribution: supportFinding(await readOsRelease(), new Date()) };
  },
};

/** @param release as `/etc/os-release` says it */
export function supportFinding(release: Readonly<Record<string, string>>, now: Date): Finding {
  const { ID = "", VERSION_ID = "", PRETTY_NAME, SUPPORT_END } = release;
  const name = PRETTY_NAME ?? (ID === "" ? "the operating system" : `${ID} ${VERSION_ID}`);
  const end = SUPPORT_END ?? supportEnds[`${ID} ${VERSION_ID}`] ?? supportEnds[`${ID} ${VERSION_ID.split(".")[0]}`];
  if (end === undefined) return warning(`Nobody here knows how long ${name} gets security updates.`);
  const days = Math.floor((new Date(end).getTime() - now.getTime()) / day);
  const details = { end_of_support: end };
  if (Number.isNaN(days)) return warning(`${name} says '${end}' as the end of its support.`, details);
  if (days < 0) return error(`${name} gets no security updates since ${end}.`, details);
  if (days < warningDays) return warning(`${name} gets security updates for ${days} more days.`, details);
  return ok(`${name} gets security updates until ${end}.`, details);
}
