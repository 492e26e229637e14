/** How a session proved who it is. (service 3.5) */
export type AuthMethod =
  | "admin_networks"
  | "hardware_address"
  | "host_id"
  | "host_key"
  | "not_set"
  | "saml"
  | "password_file"
  | "password_ldap"
  | "password_onetime"
  | "password_pam"
  | "system_uuid"
  | "tls_certificate"
  | "totp"
  | "username";

export type HostType = "OpsiClient" | "OpsiDepotserver" | "OpsiConfigserver";

/**
 * Who is talking to us. Created for every request that is not public, kept between requests once it is authenticated.
 * Only `auth/` writes to it; everybody else reads. Times are milliseconds since the epoch. (service 3.5)
 */
export interface Session {
  /** 32 lower-case hex digits, the value of the cookie `opsiconfd-session`. */
  readonly id: string;
  /** User name or host id; empty as long as nobody logged in. */
  username: string;
  hostId: string | null;
  hostType: HostType | null;
  authenticated: boolean;
  isAdmin: boolean;
  isReadOnly: boolean;
  /** May change the configuration of the server, if he is an administrator: the user privilege of this name. */
  writesServer: boolean;
  /** Sees parts of the site only: those of some depots or groups. */
  isLimited: boolean;
  /** Lower-case names; hosts have none. */
  userGroups: ReadonlySet<string>;
  /** The address of the last request, compressed notation; IPv4 in IPv6 as plain IPv4. */
  address: string;
  userAgent: string;
  authMethods: ReadonlySet<AuthMethod>;
  readonly created: number;
  lastUsed: number;
  /** Last activity of a message bus connection of this session; 0 = never. */
  messagebusLastUsed: number;
  /** Seconds without use after which the session ends. */
  maxAge: number;
  /** Logged out or deleted: the answer still to be sent takes the cookie away. */
  ended: boolean;
}

/** `user:<name>`, `client:<host id>` or `depot:<host id>` (header X-opsi-user-id), null while nobody is logged in. */
export function sessionUserId(session: Session): string | null {
  if (!session.authenticated) return null;
  if (session.hostId === null) return `user:${session.username}`;
  return session.hostType === "OpsiClient" ? `client:${session.hostId}` : `depot:${session.hostId}`;
}
