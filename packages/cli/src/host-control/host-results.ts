import { type Answer, rows } from "../answer/answer.ts";

export type HostResults = Readonly<Record<string, { readonly result: unknown; readonly error: unknown }>>;

/** One row per host of what `hostControl_…` answers; hosts that failed make the command fail. (methods §10.2) */
export function hostResults(results: HostResults): Answer {
  const list = Object.entries(results)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([clientId, { result, error }]) => {
      const text = errorText(error);
      // Most methods answer nothing; an empty cell would not look like success.
      return { clientId, result: result ?? (text === null ? "ok" : null), error: text };
    });
  const failed = list.filter(({ error }) => error !== null).length;
  const failure = failed === 0 ? undefined : `${failed} of ${list.length} clients could not be reached or refused`;
  return rows(list, ["clientId", "result", "error"], failure);
}

/** A text over HTTP, an object over the message bus. */
function errorText(error: unknown): string | null {
  if (error === null || error === undefined) return null;
  if (typeof error === "object" && "message" in error) return String(error.message);
  return typeof error === "object" ? JSON.stringify(error) : String(error);
}
