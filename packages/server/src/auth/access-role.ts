/** What a caller must be. `authenticated` is any session that logged in, `admin` needs administrator rights. */
export type AccessRole = "public" | "authenticated" | "admin";

export interface AccessRule {
  /** Compared with the start of the decoded path, or with all of it. */
  readonly path: string;
  readonly exact?: true;
  readonly role: AccessRole;
  /** The rule holds for these methods only. */
  readonly methods?: ReadonlySet<string>;
  /** The rule holds unless this feature is disabled. */
  readonly feature?: "status-page" | "public-folder";
}

/** Methods of HTTP that change nothing. */
export const readingMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PROPFIND"]);

/**
 * Who may use which path: the first rule that fits counts, without a rule it is administrators. Every route of the
 * server has a rule here; those for administrators stand here so that this is said on purpose. (service 1.3)
 */
export const accessRules: readonly AccessRule[] = [
  { path: "/", exact: true, role: "public" },
  { path: "/favicon.ico", role: "public" },
  { path: "/login", role: "public" },
  { path: "/auth/wait_authenticated", role: "public" },
  { path: "/auth/login", role: "public" },
  { path: "/auth/logout", role: "public" },
  { path: "/auth/session_id", role: "public" },
  { path: "/auth/saml", role: "public" },
  { path: "/ssl/opsi-ca-cert.pem", role: "public" },
  { path: "/ssl/ca-certs.pem", role: "public" },
  { path: "/static", role: "public" },
  { path: "/welcome", role: "public" },
  { path: "/status", role: "public", feature: "status-page" },
  { path: "/public", role: "public", feature: "public-folder" },
  { path: "/dav/public", role: "public", feature: "public-folder" },
  { path: "/rpc", role: "authenticated" },
  { path: "/monitoring", role: "authenticated" },
  { path: "/messagebus", role: "authenticated" },
  { path: "/file-transfer", role: "authenticated" },
  { path: "/auth", role: "authenticated" },
  { path: "/depot", role: "authenticated", methods: readingMethods },
  { path: "/boot", role: "authenticated", methods: readingMethods },
  { path: "/depot", role: "admin" },
  { path: "/boot", role: "admin" },
  { path: "/status", role: "admin" },
  { path: "/public", role: "admin" },
  { path: "/dav", role: "admin" },
  { path: "/repository", role: "admin" },
  { path: "/workbench", role: "admin" },
  { path: "/admin", role: "admin" },
  { path: "/redis-interface", role: "admin" },
  { path: "/metrics", role: "admin" },
  { path: "/grafana", role: "admin" },
  { path: "/addons", role: "admin" },
  { path: "/ws", role: "admin" },
  { path: "/docs", role: "admin" },
  { path: "/openapi.json", role: "admin" },
];

/** The rule for a path (decoded, after rewriting); null = none, which means administrators. */
export function accessRule(path: string, method: string, disabledFeatures: ReadonlySet<string>): AccessRule | null {
  for (const rule of accessRules) {
    if (rule.exact === true ? path !== rule.path : !path.startsWith(rule.path)) continue;
    if (rule.methods !== undefined && !rule.methods.has(method)) continue;
    if (rule.feature !== undefined && disabledFeatures.has(rule.feature)) continue;
    return rule;
  }
  return null;
}
