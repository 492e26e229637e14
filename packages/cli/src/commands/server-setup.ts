import { command } from "../command.ts";
import { runReportingProgram } from "../terminal/run-reporting-program.ts";
import { UsageError } from "../usage-error.ts";

export default command({
  name: "server setup",
  doc: "Make accounts, permissions, unit and shares for a service of this machine.",
  details:
    "As root: groups and users, owner and permissions of the site's files, a unit of systemd, shares where Samba is " +
    "installed. What is in order stays as it is. Without root it says what it leaves out.",
  examples: ["opsi server setup --root /"],
  run(context) {
    if (context.dryRun) throw new UsageError("server setup cannot tell beforehand what it would do");
    const { root } = context.globals;
    return runReportingProgram(
      "server/src/installation/main.ts",
      root === undefined ? [] : [`--root=${root}`],
      context,
    );
  },
});
