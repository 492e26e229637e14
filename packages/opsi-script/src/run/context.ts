import type { SourceLine } from "../language/source.ts";
import type { ScriptLog } from "../log/log.ts";
import type { Platform } from "../platform/platform.ts";
import type { Service } from "../service/service.ts";
import type { ServiceConnections } from "../service/service-connections.ts";
import type { Constants } from "./constants.ts";
import type { RebootWish } from "./reboot-wish.ts";
import type { Variables } from "./variables.ts";

/** What a script has found out or wished for so far; the end of the run reads it. */
export interface RunState {
  /** The counters of the script in its closing lines; the log counts for itself (language §2.6). */
  errors: number;
  warnings: number;
  /** The script has failed for good. */
  fatal: boolean;
  /** Text for actionProgress after a failure. */
  progress: string;
  /** Value of the log's error counter at `markErrorNumber`. */
  mark: number;
  lastExitCode: number;
  fatalOnSyntaxError: boolean;
  fatalOnRuntimeError: boolean;
  exitOnError: boolean;
  runUpdateScript: boolean;
  suspended: boolean;
  deferred: boolean;
  /** Written by `ExitScript`: status, progress, request. */
  exitScript: { readonly status: string; readonly progress: string; readonly request: string } | null;
  reboot: RebootWish;
  shutdown: boolean;
  reloadProducts: boolean;
  appendLog: boolean;
  timeMark: number;
  /** True while [ProfileActions] runs as a sub section: sections act on all users. */
  allUsers: boolean;
}

export const initialState = (): RunState => ({
  errors: 0,
  warnings: 0,
  fatal: false,
  progress: "",
  mark: 0,
  lastExitCode: 0,
  fatalOnSyntaxError: true,
  fatalOnRuntimeError: false,
  exitOnError: false,
  runUpdateScript: true,
  suspended: false,
  deferred: false,
  exitScript: null,
  reboot: "none",
  shutdown: false,
  reloadProducts: false,
  appendLog: false,
  timeMark: Date.now(),
  allUsers: false,
});

/** How the interpreter was called, as far as scripts can see it. Byte strings. */
export interface RunSettings {
  readonly scriptFile: string;
  /** Directory of the script as given, without a trailing delimiter. */
  readonly scriptPath: string;
  readonly parameter: string;
  readonly userContext: string;
  readonly loginScript: boolean;
  readonly testSyntax: boolean;
}

/** The product whose script runs: properties and the map of `getProductMap`. Byte strings. */
export interface ProductData {
  readonly id: string;
  readonly version: string;
  readonly packageVersion: string;
  /** Values by lower-case property id. */
  readonly properties: ReadonlyMap<string, readonly string[]>;
  readonly map: readonly string[];
}

/** What functions and sections may use. Side effects on the machine go through `platform` or the file system. */
export interface Context {
  readonly log: ScriptLog;
  readonly platform: Platform;
  readonly constants: Constants;
  readonly variables: Variables;
  readonly state: RunState;
  readonly settings: RunSettings;
  /** `null` outside of service mode. */
  readonly service: Service | null;
  readonly services: ServiceConnections;
  readonly product: ProductData | null;
  /** An error that does not stop the script: log line of level 3, script counter +1. */
  error(text: string): void;
  warning(text: string): void;
  /** The lines of a section of the running script, unchanged; `null` when there is none. */
  findSection(name: string): readonly SourceLine[] | null;
  /** Runs `NAME parameters` and returns what `purpose` asks for (sections §16). */
  callSection(call: string, purpose: SectionPurpose): string[];
}

/** What a section call is for: nothing but its effect, the output of its program, or its result list. */
export type SectionPurpose = "execute" | "output" | "list";
