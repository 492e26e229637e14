import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";

interface Result extends Record<string, unknown> {
  readonly id: string;
  readonly removed: number;
  readonly repaired: number;
}

export default command({
  name: "server clean-up",
  doc: "Remove objects that belong to nothing, and repair others.",
  details:
    "The service does this at each start. With --dry-run it is only said what would be done. Users who never logged " +
    "in and clients that are assigned to a depot that is gone stay as they are; opsi health-check tells of the latter.",
  examples: ["opsi server clean-up --dry-run", "opsi server clean-up --output json"],
  async run({ call, dryRun, progress }) {
    using busy = progress(dryRun ? "Looking for what belongs to nothing" : "Cleaning up", { total: null });
    const results = await call<Result[]>("service_cleanUp", [dryRun]);
    busy.finish();
    return rows(results, ["id", "removed", "repaired", "examples"]);
  },
});
