import { rule } from "@opsi-ts/model";
import { cleanUp } from "../../clean-up/clean-up.ts";
import { type Method, parameters } from "../declare.ts";

/** Ours: the original cleans up at its start only, and says nothing about it. */
export const cleanUpMethods: readonly Method[] = [
  {
    name: "service_cleanUp",
    doc: "Removes objects that belong to nothing and repairs others; says what was done or, as a dry run, would be.",
    parameters: parameters("dry_run=True"),
    result: "list[dict]",
    access: "name",
    admin: true,
    run: ({ storage }, dryRun) => cleanUp(storage, { dryRun: rule.bool.coerce(dryRun) }),
  },
];
