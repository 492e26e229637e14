import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";

interface LocalUser {
  readonly name: string;
  readonly groups: readonly string[];
}

interface KnownUser {
  readonly id: string;
  readonly lastLogin: string | null;
  readonly mfaState: string | null;
}

export default command({
  name: "user list",
  doc: "List the users of the server, and those of elsewhere who logged in.",
  details: "Groups are shown of users of the server only: a directory or the operating system knows those of others.",
  examples: ["opsi user list", "opsi user list --output json"],
  async run({ call }) {
    const local = await call<LocalUser[]>("user_getLocalUsers");
    const known = await call<KnownUser[]>("user_getObjects", [["lastLogin", "mfaState"]]);
    const groupsOf = new Map(local.map(({ name, groups }) => [name, groups]));
    const knownOf = new Map(known.map((user) => [user.id, user]));
    const names = [...new Set([...groupsOf.keys(), ...knownOf.keys()])].sort();
    const list = names.map((name) => ({
      name,
      local: groupsOf.has(name),
      groups: groupsOf.get(name) ?? [],
      lastLogin: knownOf.get(name)?.lastLogin ?? null,
      secondFactor: knownOf.get(name)?.mfaState === "totp_active",
    }));
    return rows(list, ["name", "local", "groups", "lastLogin", "secondFactor"]);
  },
});
