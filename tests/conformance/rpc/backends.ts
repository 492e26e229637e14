import { type CaseDatabase, type CaseServer, mysql, postgresql } from "./case-database.ts";

/** Where the servers of the cases have their objects. */
export interface Backend {
  /** Null where no server of databases is needed. */
  readonly database: CaseServer | null;
  /** Null for a site without dispatch.conf. */
  readonly dispatch: string | null;
}

/** As 4.2 was shipped. */
const mixture = `backend_.* : file, mysql, opsipxeconfd
host_.* : file, opsipxeconfd
productOnClient_.* : file, opsipxeconfd
configState_.* : file, opsipxeconfd
license.* : mysql
softwareLicense.* : mysql
audit.* : mysql
.* : file
`;

const backends: Readonly<Record<string, Backend>> = {
  sqlite: { database: null, dispatch: null },
  mysql: { database: mysql, dispatch: null },
  postgresql: { database: postgresql, dispatch: null },
  file: { database: null, dispatch: ".* : file\n" },
  mixed: { database: mysql, dispatch: mixture },
};

export const backendNames = Object.keys(backends);

/** @throws Error for a name that there is not */
export function backendNamed(name: string): Backend {
  const backend = backends[name];
  if (backend) return backend;
  throw new Error(`Unknown backend '${name}', known: ${backendNames.join(", ")}`);
}

/** What a site has below etc/opsi, by path. */
export function siteFiles({ dispatch }: Backend, database: CaseDatabase | null): Record<string, string> {
  return {
    ...(dispatch === null ? {} : { "backendManager/dispatch.conf": dispatch }),
    ...(database === null ? {} : Object.fromEntries([database.file])),
  };
}
