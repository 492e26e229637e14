import { forceList, OpsiError, rule } from "@opsi-ts/model";
import { type Call, type Method, parameters } from "./declare.ts";

const groupNames = (value: unknown): string[] => (value === null ? [] : forceList(value).map(rule.string.coerce));

/** Who takes his own rights away may lock everybody out. @throws ValueError */
function checkOther({ session }: Call, name: string, what: string): void {
  if (session.hostId !== null || session.username !== name.toLowerCase()) return;
  throw new OpsiError("ValueError", `'${name}' cannot ${what} himself: let another administrator do it`, {
    field: "name",
  });
}

/** What was allowed before must not go on in sessions that are open. */
function endSessions({ site, session }: Call, name: string): null {
  site.endUserSessions(name.toLowerCase(), session.id);
  return null;
}

const ours = { access: "name", admin: true } as const;

/** The users of this server: ours, the original has those of the operating system and of directories only. */
export const localUserMethods: readonly Method[] = [
  {
    name: "user_getLocalUsers",
    doc: "The users of this server with their groups, as name and groups.",
    parameters: parameters(""),
    result: "list[dict]",
    ...ours,
    run: ({ site }) => site.localUsers.list().map(({ name, groups }) => ({ name, groups })),
  },
  {
    name: "user_createLocalUser",
    doc: "Creates a user of this server.",
    parameters: parameters("name password groups=None"),
    ...ours,
    run: async ({ site }, name, password, groups) => {
      await site.localUsers.create(rule.string.coerce(name), rule.string.coerce(password), groupNames(groups));
      return null;
    },
  },
  {
    name: "user_setLocalPassword",
    doc: "Gives a user of this server another password; his other sessions end.",
    parameters: parameters("name password"),
    ...ours,
    run: async (call, given, password) => {
      const name = rule.string.coerce(given);
      await call.site.localUsers.setPassword(name, rule.string.coerce(password));
      return endSessions(call, name);
    },
  },
  {
    name: "user_setLocalGroups",
    doc: "Puts a user of this server into these groups and no others; his sessions end.",
    parameters: parameters("name groups"),
    ...ours,
    run: (call, given, groups) => {
      const name = rule.string.coerce(given);
      checkOther(call, name, "change the groups of");
      call.site.localUsers.setGroups(name, groupNames(groups));
      return endSessions(call, name);
    },
  },
  {
    name: "user_deleteLocalUser",
    doc: "Deletes a user of this server; his sessions end.",
    parameters: parameters("name"),
    ...ours,
    run: (call, given) => {
      const name = rule.string.coerce(given);
      checkOther(call, name, "delete");
      call.site.localUsers.delete(name);
      return endSessions(call, name);
    },
  },
];
