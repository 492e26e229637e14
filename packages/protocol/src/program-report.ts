/**
 * What a program of ours that works without a service tells the command line that started it: one JSON object a line
 * on its standard output.
 */
export type ProgramReport =
  /** How far the work with this name is. */
  | { readonly kind: "progress"; readonly label: string; readonly done: number; readonly total: number | null }
  /** A sentence for the person. */
  | { readonly kind: "note"; readonly text: string }
  /** The answer; `failure` says that the work was not done, or not all of it. */
  | {
      readonly kind: "result";
      readonly rows: readonly Readonly<Record<string, unknown>>[];
      readonly columns: readonly string[];
      readonly failure?: string;
    }
  /** Nothing was answered. */
  | { readonly kind: "error"; readonly message: string };

/** The line of a report. */
export const encodeReport = (report: ProgramReport): string => `${JSON.stringify(report)}\n`;

/** Null for what is no report: whatever else a program prints. */
export function decodeReport(line: string): ProgramReport | null {
  try {
    const value: unknown = JSON.parse(line);
    const isReport = typeof value === "object" && value !== null && "kind" in value;
    return isReport ? (value as ProgramReport) : null; // both ends are of one version
  } catch {
    return null;
  }
}
