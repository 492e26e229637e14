export interface UserProfile {
  readonly securityId: string;
  readonly folder: string;
}

/** Accounts and their security ids. Byte strings; empty where there is none. */
export interface Users {
  /** Of `NAME` or `DOMAIN\NAME`, as `S-1-5-…`. */
  securityIdOf(account: string): string;
  /** Name without the domain. */
  nameOf(securityId: string): string;
  /** Profiles of people, and the one that new users get, which has no security id. */
  profiles(): readonly UserProfile[];
}
