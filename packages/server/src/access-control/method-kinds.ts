/** Reading has these names; what is not known to read is taken to change something. */
const reading = new RegExp(
  `^(?:${[
    "(?:[A-Za-z]+_)?(?:get|list)[A-Z]\\w*",
    "accessControl_\\w+",
    "backend_(?:info|exit|setOptions|getOptions|createBase)",
    "authenticated|exit|sleep|readLog|createOpsiBase|groupname_exists|areDepotsSynchronous",
    "userIs\\w+",
    "log_read|audit_verify|service_healthCheck|depot_listTransferSlot",
    "hostControl(?:Safe)?_(?:reachable|uptime|getActiveSessions)",
    "productOnClient_(?:generateSequence|addDependencies)",
  ].join("|")})$`,
);

/** They look like reading. */
const assigning = /getOrCreate|getAndAssign|_getTLSCertificate$/;

/** Does a method leave everything as it is? */
export const readsOnly = (method: string) => reading.test(method) && !assigning.test(method);

/** Does a method change the configuration of the server, beside the objects that it writes? (methods 5.1) */
export const changesServer = (method: string) =>
  /^service_(?:cleanUp|createBackup|restoreBackup|setAppState|updateConfig)$/.test(method) ||
  method === "host_renameOpsiDepotserver" ||
  /^user_(?:create|insert|update|delete|set)/.test(method);

/** Does a method show or change the whole site, whatever objects a user may see? */
export const tellsOfEverything = (method: string) => /^(?:audit_|service_(?!healthCheck$))/.test(method);
