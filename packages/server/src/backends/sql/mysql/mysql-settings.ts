/** Where the database is and how to log in. */
export interface MySqlSettings {
  /** Host name, IP address, or the path of a socket. */
  readonly address: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** Connections at most. */
  readonly connections: number;
  /** Null for a connection without TLS. */
  readonly tls: TlsSettings | null;
}

/** PEM texts. */
export interface TlsSettings {
  readonly ca?: string;
  readonly key?: string;
  readonly cert?: string;
  readonly verifyIdentity: boolean;
}
