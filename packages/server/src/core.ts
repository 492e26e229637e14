import type { Log } from "@opsi-ts/logging";
import type { HostDirectory } from "./auth/host-directory.ts";
import type { LocalUsers } from "./auth/local-users.ts";
import type { UserDirectory } from "./auth/user-directory.ts";
import type { ServerCertificates } from "./certificates/server-certificates.ts";
import type { OpsiConf } from "./configuration/opsi-conf.ts";
import type { Configuration } from "./configuration/read-options.ts";
import type { ApplicationState } from "./http/application-state.ts";
import type { TransferStore } from "./http/file-transfer/transfer-store.ts";
import type { ServiceFigures } from "./http/monitoring/webservice.ts";
import type { Route } from "./http/router.ts";
import type { CallHistory } from "./rpc/call-history.ts";
import type { RpcService } from "./rpc/rpc-service.ts";

/** What the core of the server - data, methods, RPC - gets from the layers around it. */
export interface CoreSurroundings {
  readonly configuration: Configuration;
  readonly conf: OpsiConf;
  readonly log: Log;
  readonly certificates: ServerCertificates;
  /** The users of this server. */
  readonly localUsers: LocalUsers;
  /** Normal work or maintenance. */
  readonly applicationState: ApplicationState;
  /** Files that are handed from one request to another. */
  readonly transfers: TransferStore;
  /** Addresses that may not log in for a while, because they failed too often. */
  blockedAddresses(): readonly string[];
  /** Ends a session: its cookie is worthless from then on. */
  endSession(sessionId: string): void;
  /** The same for all sessions of a user but one. */
  endUserSessions(username: string, exceptId: string): void;
}

/** What the layers around it need of the core. */
export interface Core extends AsyncDisposable {
  readonly rpc: Pick<RpcService, "answer">;
  readonly hosts: HostDirectory;
  readonly users: UserDirectory;
  readonly calls: CallHistory;
  /** Reads acl.conf anew. @throws ValueError naming the line; the rules stay as they were */
  reload(): void;
  /** What shows and changes the data beside `/rpc`: administration, monitoring. */
  routes(figures: Omit<ServiceFigures, "calls">): readonly Route[];
}

/** Opens data and methods of a site. */
export type OpenCore = (surroundings: CoreSurroundings) => Promise<Core>;
