import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { newPassword, newPasswordOption } from "../user/new-password.ts";

export default command({
  name: "user set-password",
  doc: "Give a user of the server another password; where he is logged in he has to do so again.",
  examples: ["opsi user set-password anna", "opsi user set-password anna --new-password-file anna.secret"],
  options: newPasswordOption,
  arguments: { name: { flags: "<name>", doc: "with which the user logs in" } },
  async run(context, { name, newPasswordFile }) {
    if (!context.mayChange(`change the password of ${name}`)) return undefined;
    await context.call("user_setLocalPassword", [name, await newPassword(context, name, newPasswordFile)]);
    return rows([{ name, changed: true }], ["name", "changed"]);
  },
});
