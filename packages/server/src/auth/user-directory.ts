import type { StoredFactor } from "./second-factor.ts";

/** What user login needs from the data; implemented over the backend. (service 3.4, 3.8) */
export interface UserDirectory {
  /**
   * A user logged in: its User object is created or its `lastLogin` updated; for administrators the configs of
   * user roles are written (service 3.8).
   *
   * @returns whether he may only read, whether he may change the configuration of the server, and whether he sees
   * parts of the site only
   */
  noteUserLogin(
    username: string,
    login: { readonly isAdmin: boolean; readonly groups: ReadonlySet<string> },
  ): Promise<{ readonly onlyReads: boolean; readonly writesServer: boolean; readonly isLimited: boolean }>;
  /** The second factor of a user, null for a user who never logged in and whom nobody created. */
  secondFactor(username: string): Promise<StoredFactor | null>;
  /** Plain password of a user in the opsi password file (service 7.4), null if there is none: the monitoring user. */
  filePassword(username: string): string | null | Promise<string | null>;
}
