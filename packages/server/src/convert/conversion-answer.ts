import type { ProgramReport } from "@opsi-ts/protocol";
import type { ConversionResult } from "./convert-objects.ts";

type Answer = Extract<ProgramReport, { kind: "result" }>;

const lossColumns = ["type", "ident", "attribute", "problem"];
const comparisonColumns = ["type", "objects", "converted", "sourceHash", "targetHash", "same"];

/** What is shown at the end: the comparison of both storages, or what keeps us from converting. */
export function conversionAnswer(
  { losses, furtherLosses, comparison }: ConversionResult,
  { to, dryRun }: { readonly to: string; readonly dryRun: boolean },
): Answer {
  if (comparison.length > 0) {
    const rows = comparison.filter(({ objects, converted }) => objects + converted > 0).map((row) => ({ ...row }));
    const different = comparison.filter(({ same }) => !same).map(({ type }) => type);
    if (different.length === 0) return { kind: "result", rows, columns: comparisonColumns };
    const failure = `${to} does not hold what was written (${different.join(", ")}): it is not put to use. --anew begins again`;
    return { kind: "result", rows, columns: comparisonColumns, failure };
  }
  const answer: Answer = { kind: "result", rows: losses.map((loss) => ({ ...loss })), columns: lossColumns };
  if (losses.length === 0) return answer;
  const more = furtherLosses > 0 ? ` and ${furtherLosses} more` : "";
  const lost = `${to} cannot keep ${losses.length === 1 ? "this" : `these ${losses.length}${more}`}`;
  if (dryRun) return { ...answer, failure: lost };
  return { ...answer, failure: `${lost}, and nothing was written. --accept-losses converts the rest` };
}
