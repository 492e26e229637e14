import type { OpsiObject } from "@opsi-ts/model";
import type { AuditTrail } from "../audit/audit-trail.ts";
import type { Credentials } from "../auth/credentials.ts";
import type { LocalUsers } from "../auth/local-users.ts";
import type { HardwareCatalog } from "../configuration/hardware-catalog.ts";
import type { ServerCommands } from "../configuration/server-commands.ts";
import type { SiteFolders } from "../configuration/site-folders.ts";
import type { Depot } from "../depot/depot.ts";
import type { PxeControl } from "../depot/pxe-control.ts";
import type { TransferSlots } from "../depot/transfer-slots.ts";
import type { DepotLogin } from "../host-control/depot-broadcast.ts";
import type { HostControl } from "../host-control/host-control.ts";
import type { Method } from "./declare.ts";
import type { ServiceControl } from "./service/service-control.ts";

/** What methods need of the server beside the objects. */
export interface Site {
  /** Id of the server's own host object. */
  readonly hostId: string;
  readonly version: string;
  readonly folders: SiteFolders;
  /** This server as a depot. */
  readonly depot: Depot;
  /** Megabytes that a log of a client may grow to. */
  readonly maxLogSize: number;
  readonly keepRotatedLogs: number;
  /** The classes of the hardware inventory. */
  readonly hardware: HardwareCatalog;
  /** Who changed what. */
  readonly audit: AuditTrail;
  /** Passwords that the service hands out. */
  readonly credentials: Credentials;
  /** The users of this server. */
  readonly localUsers: LocalUsers;
  /** Reaches the agents of clients. */
  readonly hostControl: HostControl;
  /** How this server logs in at other depots. */
  readonly depotLogin: DepotLogin;
  /** Ids of the depots, then of the clients, that are connected to the message bus. */
  connectedHosts(): readonly string[];
  /** The daemon that writes boot configurations. */
  readonly pxe: PxeControl;
  /** Who may transfer files of which depot. */
  readonly transferSlots: TransferSlots;
  readonly serverCommands: ServerCommands;
  /** The opsi CA, and all certificates of its file, as PEM. */
  caCertificates(): Promise<{ readonly opsiCa: string; readonly all: string }>;
  /** A new key and a certificate for a host, as PEM texts one behind the other. (service 1.10) */
  issueCertificate(host: OpsiObject): Promise<string>;
  /** All methods that can be called. */
  methods(): Iterable<Method>;
  /** The service itself: options, maintenance, backup. */
  readonly service: ServiceControl;
  /** Ends a session: its cookie is worthless from then on. */
  endSession(sessionId: string): void;
  /** The same for all sessions of a user but one. */
  endUserSessions(username: string, exceptId: string): void;
}
