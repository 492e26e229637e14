/** The first build of each version that is told apart by it. */
const workstations = [
  [22000, "11"],
  [0, "10"],
] as const;
const servers = [
  [26100, "2025"],
  [20348, "2022"],
  [17763, "2019"],
  [0, "2016"],
] as const;

/** Versions before 10, where the build says nothing: name of the workstation and of the server. */
const older: ReadonlyMap<string, readonly [workstation: string, server: string]> = new Map([
  ["6.3", ["8.1", "2012 R2"]],
  ["6.2", ["8", "2012"]],
  ["6.1", ["7", "2008 R2"]],
  ["6.0", ["Vista", "2008"]],
  ["5.2", ["XP", "2003"]],
  ["5.1", ["XP", "XP"]],
  ["5.0", ["2000", "2000"]],
]);

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  /** 1 is a workstation. */
  readonly productType: number;
}

/** The name under which a version is sold, without the word Windows (functions §1, `GetMSVersionName`). */
export function windowsName({ major, minor, build, productType }: Version): string {
  const isServer = productType !== 1;
  if (major < 10) return older.get(`${major}.${minor}`)?.[isServer ? 1 : 0] ?? `${major}.${minor}`;
  return (isServer ? servers : workstations).find(([first]) => build >= first)?.[1] ?? `${major}.${minor}`;
}
