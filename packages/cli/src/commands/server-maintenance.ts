import { administration } from "../administration/administration.ts";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { positiveInteger } from "../positive-number.ts";

interface State {
  readonly type: string;
  readonly message?: string;
  readonly address_exceptions?: readonly string[];
}

export default command({
  name: "server maintenance",
  doc: "Begin or end maintenance, during which the service answers nobody but you.",
  details:
    "Agents and other programs are asked to come back later. The server itself and the address from which you call are " +
    "answered as before.",
  examples: [
    "opsi server maintenance on",
    "opsi server maintenance on --message 'Back at noon' --retry-after 1800",
    "opsi server maintenance off",
  ],
  options: {
    message: { flags: "--message <text>", doc: "what others are told" },
    retryAfter: { flags: "--retry-after <seconds>", doc: "when they shall come back", parse: positiveInteger },
  },
  arguments: { state: { flags: "<state>", doc: "on or off", choices: ["on", "off"] } },
  async run(context, { state, message, retryAfter }) {
    if (!context.mayChange(state === "on" ? "begin maintenance" : "end maintenance")) return undefined;
    const exceptions = { auto_add_to_address_exceptions: true };
    const wanted =
      state === "on" ? { type: "maintenance", message, retry_after: retryAfter, ...exceptions } : { type: "normal" };
    const answer = await administration<State>(context, "app-state", wanted);
    return rows(
      [{ state: answer.type, message: answer.message ?? null, answered: answer.address_exceptions ?? [] }],
      ["state", "message", "answered"],
    );
  },
});
