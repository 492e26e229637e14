import { backupAge } from "./backup-age.ts";
import { certificates } from "./certificates.ts";
import type { Check } from "./check.ts";
import { clientsWithoutDepot } from "./clients-without-depot.ts";
import { database } from "./database.ts";
import { depotFolders } from "./depot-folders.ts";
import { depotUser } from "./depot-user.ts";
import { deprecatedCalls } from "./deprecated-calls.ts";
import { diskUsage } from "./disk-usage.ts";
import { distributionSupport } from "./distribution-support.ts";
import { extensions } from "./extensions.ts";
import { failedLogins } from "./failed-logins.ts";
import { ldapConnection } from "./ldap-connection.ts";
import { neededConfigs } from "./needed-configs.ts";
import { productsOnClients } from "./products-on-clients.ts";
import { productsOnDepots } from "./products-on-depots.ts";
import { serviceOptions } from "./service-options.ts";
import { uniqueHardwareAddresses } from "./unique-hardware-addresses.ts";

/** Every check, in the order in which they are shown. */
export const allChecks: readonly Check[] = [
  serviceOptions,
  neededConfigs,
  certificates,
  database,
  diskUsage,
  distributionSupport,
  depotFolders,
  depotUser,
  ldapConnection,
  productsOnDepots,
  productsOnClients,
  clientsWithoutDepot,
  uniqueHardwareAddresses,
  deprecatedCalls,
  failedLogins,
  extensions,
  backupAge,
];
