import { encodeReport, type ProgramReport } from "@opsi-ts/protocol";
import { ConfigurationError } from "../configuration/read-options.ts";

/** Milliseconds between two words on how far the work is. */
const interval = 100;

/** Reports on standard output, for the command line that started us. */
export function openReport(): (report: ProgramReport) => void {
  let last = 0;
  let label = "";
  return (report) => {
    if (report.kind === "progress") {
      const now = performance.now();
      if (report.label === label && now - last < interval && report.done < (report.total ?? 0)) return;
      [last, label] = [now, report.label];
    }
    process.stdout.write(encodeReport(report));
  };
}

/**
 * Runs a program that reports: a failure is reported, too, and the exit code is 1. A signal aborts; whoever wants to
 * wait no longer sends a second one.
 */
export async function runReporting(
  work: (report: (report: ProgramReport) => void, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const report = openReport();
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (interruption.signal.aborted) process.exit(1);
      interruption.abort(new Error("interrupted: the same command goes on"));
    });
  }
  try {
    await work(report, interruption.signal);
  } catch (error) {
    report({ kind: "error", message: reasonOf(error) });
    process.exitCode = 1;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ConfigurationError) return ["the configuration is not right", ...error.problems].join("; ");
  return error instanceof Error ? error.message : String(error);
}
