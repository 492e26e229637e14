import type { AnyCommand } from "./command.ts";

interface Entry {
  readonly name: string;
  readonly doc: string;
  load(): Promise<{ default: AnyCommand }>;
}

/**
 * Every command with its one sentence, so that help needs no command's file and a command only its own. The sentences
 * are those of the files; a test compares them.
 */
export const commandIndex: readonly Entry[] = [
  {
    name: "server start",
    doc: "Start the opsi service on this machine.",
    load: () => import("./commands/server-start.ts"),
  },
  {
    name: "server status",
    doc: "Show which service answers, as whom it knows you, and how large the site is.",
    load: () => import("./commands/server-status.ts"),
  },
  {
    name: "server options",
    doc: "Show the options of the service.",
    load: () => import("./commands/server-options.ts"),
  },
  {
    name: "server set-option",
    doc: "Write an option of the service into its configuration file; it counts from the next start.",
    load: () => import("./commands/server-set-option.ts"),
  },
  {
    name: "server maintenance",
    doc: "Begin or end maintenance, during which the service answers nobody but you.",
    load: () => import("./commands/server-maintenance.ts"),
  },
  {
    name: "server sessions",
    doc: "List who is logged in to the service, from where and with what.",
    load: () => import("./commands/server-sessions.ts"),
  },
  {
    name: "server end-sessions",
    doc: "Log out whoever is logged in to the service from these addresses.",
    load: () => import("./commands/server-end-sessions.ts"),
  },
  {
    name: "server unblock",
    doc: "Let addresses log in again that failed too often.",
    load: () => import("./commands/server-unblock.ts"),
  },
  {
    name: "server setup",
    doc: "Make accounts, permissions, unit and shares for a service of this machine.",
    load: () => import("./commands/server-setup.ts"),
  },
  {
    name: "server clean-up",
    doc: "Remove objects that belong to nothing, and repair others.",
    load: () => import("./commands/server-clean-up.ts"),
  },
  {
    name: "backup create",
    doc: "Write all objects and the configuration of a site to one file.",
    load: () => import("./commands/backup-create.ts"),
  },
  {
    name: "backup restore",
    doc: "Put a backup in the place of all objects that there are.",
    load: () => import("./commands/backup-restore.ts"),
  },
  {
    name: "backup verify",
    doc: "Read a backup as a restore does, and say what is in it and what is wrong.",
    load: () => import("./commands/backup-verify.ts"),
  },
  {
    name: "backend convert",
    doc: "Copy all objects of a site from one storage into another one.",
    load: () => import("./commands/backend-convert.ts"),
  },
  {
    name: "migrate",
    doc: "Take over a server of the original opsi, or a backup of one.",
    load: () => import("./commands/migrate.ts"),
  },
  {
    name: "health-check",
    doc: "Look whether everything is in order at the site.",
    load: () => import("./commands/health-check.ts"),
  },
  {
    name: "client create",
    doc: "Create clients; the service makes their host keys.",
    load: () => import("./commands/client-create.ts"),
  },
  {
    name: "client list",
    doc: "List clients, optionally only some of them.",
    load: () => import("./commands/client-list.ts"),
  },
  {
    name: "client set",
    doc: "Change what is said of clients: description, notes, addresses.",
    load: () => import("./commands/client-set.ts"),
  },
  {
    name: "client rename",
    doc: "Give a client another id; all that is known about it moves along.",
    load: () => import("./commands/client-rename.ts"),
  },
  {
    name: "client delete",
    doc: "Delete clients with all that is known about them.",
    load: () => import("./commands/client-delete.ts"),
  },
  {
    name: "client-action set-action-request",
    doc: "Set what is to happen to products on clients, dependencies included.",
    load: () => import("./commands/client-action-set-action-request.ts"),
  },
  {
    name: "client-action trigger-event",
    doc: "Make the agents of clients process an event now.",
    load: () => import("./commands/client-action-trigger-event.ts"),
  },
  {
    name: "client-action wakeup",
    doc: "Switch clients on over the network (Wake on LAN).",
    load: () => import("./commands/client-action-wakeup.ts"),
  },
  {
    name: "client-action shutdown",
    doc: "Shut clients down.",
    load: () => import("./commands/client-action-shutdown.ts"),
  },
  {
    name: "group list",
    doc: "List groups of hosts and of products.",
    load: () => import("./commands/group-list.ts"),
  },
  {
    name: "group members",
    doc: "List what is in groups and in the groups below them.",
    load: () => import("./commands/group-members.ts"),
  },
  {
    name: "group create",
    doc: "Create a group of hosts or products.",
    load: () => import("./commands/group-create.ts"),
  },
  {
    name: "group add",
    doc: "Put hosts or products into a group.",
    load: () => import("./commands/group-add.ts"),
  },
  {
    name: "group remove",
    doc: "Take hosts or products out of a group.",
    load: () => import("./commands/group-remove.ts"),
  },
  {
    name: "group delete",
    doc: "Delete groups; what is in them stays.",
    load: () => import("./commands/group-delete.ts"),
  },
  {
    name: "depot list",
    doc: "List the depots and how many clients they serve.",
    load: () => import("./commands/depot-list.ts"),
  },
  {
    name: "product list",
    doc: "List the products that the site knows, each version with the depots that have it.",
    load: () => import("./commands/product-list.ts"),
  },
  {
    name: "product status",
    doc: "Show what is installed on clients, what is requested, and what came of it.",
    load: () => import("./commands/product-status.ts"),
  },
  {
    name: "product-property get",
    doc: "Show properties of a product, for all or for clients and depots.",
    load: () => import("./commands/product-property-get.ts"),
  },
  {
    name: "product-property set",
    doc: "Set a property of a product for clients or depots.",
    load: () => import("./commands/product-property-set.ts"),
  },
  {
    name: "product-property unset",
    doc: "Remove the own value of clients or depots, so that the depot's applies again.",
    load: () => import("./commands/product-property-unset.ts"),
  },
  {
    name: "inventory software",
    doc: "Show the programs that were found on clients.",
    load: () => import("./commands/inventory-software.ts"),
  },
  {
    name: "inventory hardware",
    doc: "Show the devices that were found in clients.",
    load: () => import("./commands/inventory-hardware.ts"),
  },
  {
    name: "log show",
    doc: "Show a log that the service keeps.",
    load: () => import("./commands/log-show.ts"),
  },
  {
    name: "package new",
    doc: "Write the source tree of a new package.",
    load: () => import("./commands/package-new.ts"),
  },
  {
    name: "package make",
    doc: "Make an .opsi package from its source tree.",
    load: () => import("./commands/package-make.ts"),
  },
  {
    name: "package extract",
    doc: "Extract an .opsi package into a source tree.",
    load: () => import("./commands/package-extract.ts"),
  },
  {
    name: "package install",
    doc: "Upload packages to depots and install them there.",
    load: () => import("./commands/package-install.ts"),
  },
  {
    name: "package uninstall",
    doc: "Uninstall products from depots and delete their packages.",
    load: () => import("./commands/package-uninstall.ts"),
  },
  {
    name: "package list",
    doc: "List the products that are installed on depots.",
    load: () => import("./commands/package-list.ts"),
  },
  {
    name: "package unlock",
    doc: "Unlock products that an installation left locked on depots.",
    load: () => import("./commands/package-unlock.ts"),
  },
  {
    name: "script check",
    doc: "Find what is wrong in scripts before they run.",
    load: () => import("./commands/script-check.ts"),
  },
  {
    name: "script format",
    doc: "Indent scripts by their blocks.",
    load: () => import("./commands/script-format.ts"),
  },
  {
    name: "script lsp",
    doc: "Serve an editor: problems, completion, explanations, definitions, renaming.",
    load: () => import("./commands/script-lsp.ts"),
  },
  {
    name: "script run",
    doc: "Run a script on this machine and show its log while it runs.",
    load: () => import("./commands/script-run.ts"),
  },
  {
    name: "config get",
    doc: "Show configuration values of the site or of clients and depots.",
    load: () => import("./commands/config-get.ts"),
  },
  {
    name: "config set",
    doc: "Set a configuration value of the site or of clients and depots.",
    load: () => import("./commands/config-set.ts"),
  },
  {
    name: "config unset",
    doc: "Remove the own value of clients or depots, so that the site's applies again.",
    load: () => import("./commands/config-unset.ts"),
  },
  {
    name: "config service add",
    doc: "Save a service, so that --service can name it.",
    load: () => import("./commands/config-service-add.ts"),
  },
  {
    name: "config service list",
    doc: "List the saved services.",
    load: () => import("./commands/config-service-list.ts"),
  },
  {
    name: "config service remove",
    doc: "Forget a saved service.",
    load: () => import("./commands/config-service-remove.ts"),
  },
  {
    name: "config service set-default",
    doc: "Choose the service that is used without --service.",
    load: () => import("./commands/config-service-set-default.ts"),
  },
  {
    name: "user list",
    doc: "List the users of the server, and those of elsewhere who logged in.",
    load: () => import("./commands/user-list.ts"),
  },
  {
    name: "user create",
    doc: "Create a user of the server.",
    load: () => import("./commands/user-create.ts"),
  },
  {
    name: "user set-password",
    doc: "Give a user of the server another password; where he is logged in he has to do so again.",
    load: () => import("./commands/user-set-password.ts"),
  },
  {
    name: "user set-groups",
    doc: "Put a user of the server into these groups and no others.",
    load: () => import("./commands/user-set-groups.ts"),
  },
  {
    name: "user set-second-factor",
    doc: "Switch the one-time passwords of a user on or off.",
    load: () => import("./commands/user-set-second-factor.ts"),
  },
  {
    name: "user delete",
    doc: "Delete users of the server.",
    load: () => import("./commands/user-delete.ts"),
  },
  {
    name: "audit list",
    doc: "Show who changed what, newest first.",
    load: () => import("./commands/audit-list.ts"),
  },
  {
    name: "audit verify",
    doc: "Check that the audit trail is what was recorded: that nothing was changed, added or taken away.",
    load: () => import("./commands/audit-verify.ts"),
  },
  {
    name: "audit export",
    doc: "Write the audit trail to a file: one record a line as JSON, oldest first.",
    load: () => import("./commands/audit-export.ts"),
  },
  {
    name: "jsonrpc execute",
    doc: "Call a method of the service and show its result.",
    load: () => import("./commands/jsonrpc-execute.ts"),
  },
  {
    name: "jsonrpc methods",
    doc: "List the methods of the service.",
    load: () => import("./commands/jsonrpc-methods.ts"),
  },
  {
    name: "agent run",
    doc: "Run the client agent on this machine.",
    load: () => import("./commands/agent-run.ts"),
  },
  {
    name: "agent register",
    doc: "Make this machine a client of a service.",
    load: () => import("./commands/agent-register.ts"),
  },
  {
    name: "dev generate",
    doc: "Fill a test site with clients, products and their states.",
    load: () => import("./commands/dev-generate.ts"),
  },
  {
    name: "completion",
    doc: "Print the script that completes commands in a shell.",
    load: () => import("./commands/completion.ts"),
  },
];
