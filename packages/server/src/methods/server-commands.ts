import { forceList, OpsiError } from "@opsi-ts/model";
import { serverCommand } from "../configuration/server-commands.ts";
import { type Call, type Method, parameters } from "./declare.ts";

const names = ["menuText", "commands", "position", "needSudo", "tooltipText", "parentMenuText"];
const signature = "menuText commands position=0 needSudo=False tooltipText='' parentMenuText=None";
const fields = (values: readonly unknown[]) => Object.fromEntries(names.map((name, index) => [name, values[index]]));

function create({ site }: Call, given: readonly unknown[]): null {
  const created = given.map(serverCommand);
  site.serverCommands.change((commands) => {
    for (const command of created) commands.set(command.menuText, command);
  });
  return null;
}

/** What is not null replaces; what changes is no longer built in. Unknown commands are ignored. */
function update({ site }: Call, given: readonly unknown[]): null {
  const changes = given.map((value): Record<string, unknown> => {
    const change = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
    if (!change["menuText"]) throw new OpsiError("ValueError", "Key 'menuText' missing", { field: "menuText" });
    return Object.fromEntries(Object.entries(change).filter(([, member]) => member !== null));
  });
  site.serverCommands.change((commands) => {
    for (const change of changes) {
      const known = commands.get(String(change["menuText"]));
      if (known) commands.set(known.menuText, serverCommand({ ...known, ...change, buildIn: false }));
    }
  });
  return null;
}

function remove({ site }: Call, menuTexts: readonly unknown[], missing: (menuText: string) => void): null {
  site.serverCommands.change((commands) => {
    for (const menuText of menuTexts.map(String)) if (!commands.delete(menuText)) missing(menuText);
  });
  return null;
}

/** (methods 12.6) */
export const serverCommandMethods: readonly Method[] = [
  {
    name: "SSHCommand_getObject",
    doc: "A server command, null if there is none of this name.",
    parameters: parameters("menuText"),
    result: "dict | None",
    access: "name",
    run: ({ site }, menuText) => site.serverCommands.read().get(String(menuText)) ?? null,
  },
  {
    name: "SSHCommand_getObjects",
    doc: "All server commands.",
    parameters: [],
    result: "list[dict]",
    access: "name",
    run: ({ site }) => [...site.serverCommands.read().values()],
  },
  {
    name: "SSHCommand_createObject",
    doc: "Creates or replaces a server command.",
    parameters: parameters(signature),
    access: "name",
    run: (call, ...values) => create(call, [fields(values)]),
  },
  {
    name: "SSHCommand_createObjects",
    doc: "Creates or replaces server commands, all or none.",
    parameters: parameters("commandList"),
    access: "name",
    run: (call, commandList) => create(call, forceList(commandList)),
  },
  {
    name: "SSHCommand_updateObject",
    doc: "Changes a server command.",
    parameters: parameters(signature),
    access: "name",
    run: (call, ...values) => update(call, [fields(values)]),
  },
  {
    name: "SSHCommand_updateObjects",
    doc: "Changes server commands.",
    parameters: parameters("commandList"),
    access: "name",
    run: (call, commandList) => update(call, forceList(commandList)),
  },
  {
    name: "SSHCommand_deleteObject",
    doc: "Deletes a server command.",
    parameters: parameters("menuText"),
    access: "name",
    run: (call, menuText) =>
      remove(call, [menuText], (missing) => {
        throw new OpsiError("ValueError", `Command menuText=${missing} does not exist`, { field: "menuText" });
      }),
  },
  {
    name: "SSHCommand_deleteObjects",
    doc: "Deletes server commands; unknown ones are ignored.",
    parameters: parameters("menuTextList"),
    access: "name",
    run: (call, menuTexts) => remove(call, forceList(menuTexts), () => undefined),
  },
];
