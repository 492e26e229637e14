import type { Call } from "../methods/declare.ts";

export type CheckStatus = "ok" | "warning" | "error";

/** What a check says about one thing. */
export interface Finding {
  readonly status: CheckStatus;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** The version of opsi from which on this will not work any more. */
  readonly upgradeIssue?: string;
}

/** Findings by the id of what they are about. */
export type Findings = Readonly<Record<string, Finding>>;

/** One question to the site, answered by looking. (service 8.6) */
export interface Check {
  readonly id: string;
  readonly name: string;
  /** What is looked at. */
  readonly description: string;
  /** What to do about findings. */
  readonly documentation: string;
  /** Makes sense on a depot server, too. */
  readonly onDepots?: boolean;
  /** What the ids of the parts begin with where it is not the id of the check. */
  readonly partId?: string;
  run(call: Call): Promise<Findings>;
}

export const ok = (message: string, details?: Finding["details"]): Finding => finding("ok", message, details);
export const warning = (message: string, details?: Finding["details"]): Finding => finding("warning", message, details);
export const error = (message: string, details?: Finding["details"]): Finding => finding("error", message, details);

const finding = (status: CheckStatus, message: string, details: Finding["details"]): Finding =>
  details === undefined ? { status, message } : { status, message, details };

export const worst = (statuses: Iterable<CheckStatus>): CheckStatus => {
  const all = new Set(statuses);
  return all.has("error") ? "error" : all.has("warning") ? "warning" : "ok";
};

/** Findings that are shown of a list that has no end; more would help nobody. */
const mostFindings = 200;

/** The first of many findings, and how many more there are. */
export function limited(found: readonly (readonly [id: string, finding: Finding])[]): Findings {
  const shown = Object.fromEntries(found.slice(0, mostFindings));
  const hidden = found.slice(mostFindings);
  if (hidden.length === 0) return shown;
  return {
    ...shown,
    more: { status: worst(hidden.map(([, { status }]) => status)), message: `${hidden.length} more.` },
  };
}
