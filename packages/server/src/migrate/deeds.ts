import type { ProgramReport } from "@opsi-ts/protocol";

/** What became of one thing of the original. */
export interface Deed {
  readonly step: "configuration" | "server" | "objects" | "depot" | "logs";
  readonly item: string;
  /** `planned`: would be done, it is a dry run. `there`: nothing had to be done. */
  readonly state: "done" | "planned" | "there" | "left out";
  /** Why, or what else there is to know. */
  readonly detail: string;
}

/** What a step of a migration gets. */
export interface Migration {
  /** Root folder with the layout of the original. Nothing in it is changed. */
  readonly from: string;
  /** Root folder of our site. */
  readonly root: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  report(report: ProgramReport): void;
  note(deed: Deed): void;
}

/** `done`, but in a dry run. */
export const doneOrPlanned = ({ dryRun }: Migration) => (dryRun ? "planned" : "done");
