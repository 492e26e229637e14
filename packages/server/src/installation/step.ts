import type { OpsiConf } from "../configuration/opsi-conf.ts";
import type { Configuration } from "../configuration/read-options.ts";

/** What became of one thing. `left out` and `failed` say why. */
export type Outcome =
  | { readonly state: "done" | "already"; readonly what: string }
  | { readonly state: "left out" | "failed"; readonly what: string; readonly why: string };

export interface Installation {
  readonly configuration: Configuration;
  readonly conf: OpsiConf;
  /** The account of the operating system that the service runs as. */
  readonly serviceUser: string;
  /** Command line of the service, an absolute path first. */
  readonly command: readonly string[];
}

/** What root does. It changes only what is not as it should be: a second run finds everything in order. */
export interface Step {
  /** What it is about, for whoever reads that it was left out. */
  readonly what: string;
  run(installation: Installation): AsyncIterable<Outcome>;
}
