import { type AgentOptions, startAgent } from "./start-agent.ts";

export interface RunOptions extends Omit<AgentOptions, "onRestart" | "quiet"> {
  /** Process this one event, then end; without it run until a signal comes. */
  readonly event?: string | undefined;
}

/**
 * Runs the agent until SIGTERM or SIGINT, or for one event.
 *
 *     process.exitCode = await runAgent({ root: "/", stderrLevel: 4 });
 *
 * @returns exit code: 0, 1 for an event that failed, 75 if the agent wants to be started again
 */
export async function runAgent(options: RunOptions): Promise<number> {
  const ending = new AbortController();
  let exitCode = 0;
  const stop = () => ending.abort();
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.on("SIGHUP", ignore); // a terminal that closes ends nothing (agent §1.2)
  try {
    const { event, ...rest } = options;
    await using agent = await startAgent({
      ...rest,
      quiet: event !== undefined,
      onRestart: () => {
        exitCode = 75;
        ending.abort();
      },
    });
    if (event !== undefined) exitCode = (await Promise.race([agent.process(event), aborted(ending.signal)])) ? 0 : 1;
    else await aborted(ending.signal);
    return exitCode;
  } finally {
    process.off("SIGTERM", stop);
    process.off("SIGINT", stop);
    process.off("SIGHUP", ignore);
  }
}

const ignore = () => {};

function aborted(signal: AbortSignal): Promise<false> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(false), { once: true }));
}
