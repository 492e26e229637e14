import { parseArgs } from "node:util";
import { runReporting } from "../offline/report.ts";
import { conversionAnswer } from "./conversion-answer.ts";
import { convertObjects, endConversion } from "./convert-objects.ts";
import { locate } from "./location.ts";
import { readSite, storageSite, workOffline } from "./offline-site.ts";
import { storageAdvice, switchStorage } from "./switch-storage.ts";

/** The program behind `opsi backend convert`. */
const { values } = parseArgs({
  options: {
    from: { type: "string", default: "" },
    to: { type: "string", default: "" },
    root: { type: "string" },
    replace: { type: "boolean", default: false },
    "accept-losses": { type: "boolean", default: false },
    anew: { type: "boolean", default: false },
    switch: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
  },
});

await runReporting(async (report, signal) => {
  const configuration = readSite(values.root);
  const problems: string[] = [];
  const site = storageSite(configuration, (message) => problems.push(message));
  using _working = workOffline(configuration.folders);
  const [from, to] = [locate(values.from, site, process.cwd()), locate(values.to, site, process.cwd())];
  const dryRun = values["dry-run"];
  const result = await convertObjects({
    ...{ from, to, site, problems, dryRun, report, signal },
    replace: values.replace,
    anew: values.anew,
    acceptLosses: values["accept-losses"],
  });
  const answer = conversionAnswer(result, { to: to.name, dryRun });
  if (answer.failure === undefined && !dryRun) {
    if (result.former !== null) report({ kind: "note", text: `What was there before is now ${result.former}` });
    const notes = values.switch
      ? switchStorage(values.to, to, configuration)
      : storageAdvice(values.to, to, configuration);
    for (const { text } of notes) report({ kind: "note", text });
    endConversion(site);
  }
  report(answer);
});
