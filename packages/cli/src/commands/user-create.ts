import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { nameList } from "../selection/name-list.ts";
import { newPassword, newPasswordOption } from "../user/new-password.ts";

export default command({
  name: "user create",
  doc: "Create a user of the server.",
  details:
    "What members of a group may do says the manual of users; administrators are in opsiadmin if nothing else is set.",
  examples: [
    "opsi user create anna --groups opsiadmin,opsifileadmins",
    "opsi user create reporter --new-password-file reporter.secret",
  ],
  options: {
    groups: { flags: "--groups <names>", doc: "groups of the user", parse: nameList },
    ...newPasswordOption,
  },
  arguments: { name: { flags: "<name>", doc: "with which the user logs in" } },
  async run(context, { name, groups = [], newPasswordFile }) {
    if (!context.mayChange(`create the user ${name}`)) return undefined;
    const password = await newPassword(context, name, newPasswordFile);
    await context.call("user_createLocalUser", [name, password, groups]);
    return rows([{ name, groups }], ["name", "groups"]);
  },
});
