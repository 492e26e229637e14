import { command } from "../command.ts";
import { runReportingProgram } from "../terminal/run-reporting-program.ts";
import { UsageError } from "../usage-error.ts";

export default command({
  name: "backend convert",
  doc: "Copy all objects of a site from one storage into another one.",
  details:
    "Storages are site (where the objects are now), sqlite, mysql, postgresql and file, or sqlite:PATH, file:FOLDER, " +
    "mysql://USER:PASSWORD@HOST/DATABASE, postgresql://USER:PASSWORD@HOST/DATABASE. " +
    "The service must be stopped. The source is not changed. Everything is read again and compared: number of objects " +
    "and a hash of what they say. After an interruption the same command goes on. What the target cannot keep is named " +
    "before anything is written.",
  examples: [
    "opsi backend convert --from mysql --to sqlite --switch",
    "opsi backend convert --to postgresql --dry-run",
    "opsi backend convert --from sqlite --to sqlite:/backup/opsi.sqlite --root /srv/opsi --output json",
  ],
  options: {
    from: {
      flags: "--from <storage>",
      doc: "where the objects are; default: where the site has them",
      fallback: "site",
    },
    to: { flags: "--to <storage>", doc: "where they are to be", fallback: "" },
    switch: { flags: "--switch", doc: "make the site use the new storage; the files of before stay as .bak" },
    replace: { flags: "--replace", doc: "take the place of objects that are in the target" },
    losses: { flags: "--accept-losses", doc: "convert though the target cannot keep everything" },
    anew: { flags: "--anew", doc: "throw away what an interrupted conversion has written" },
  },
  run(context, { from, to, ...given }) {
    if (to === "") throw new UsageError("--to is needed");
    const words = [`--from=${from}`, `--to=${to}`];
    const { root } = context.globals;
    if (root !== undefined) words.push(`--root=${root}`);
    const flags = { switch: given.switch, replace: given.replace, "accept-losses": given.losses, anew: given.anew };
    for (const [name, isSet] of Object.entries({ ...flags, "dry-run": context.dryRun })) {
      if (isSet) words.push(`--${name}`);
    }
    return runReportingProgram("server/src/convert/main.ts", words, context);
  },
});
