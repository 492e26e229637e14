import { StringDecoder } from "node:string_decoder";
import type { Input, Output } from "../surroundings.ts";

export interface PromptOptions {
  readonly secret?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Asks one line on a terminal. The question goes to stderr, so that the answer of the command stays alone on stdout.
 * A secret is not echoed.
 *
 * @throws the signal's reason; `Interrupted` after Ctrl-C or the end of the input
 */
export async function prompt(stdin: Input, stderr: Output, question: string, options: PromptOptions): Promise<string> {
  options.signal.throwIfAborted();
  stderr.write(`${question} `);
  const decoder = new StringDecoder("utf8");
  let line = "";
  let cleanUp = () => {};
  stdin.setRawMode?.(true);
  stdin.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      const echo = (text: string) => {
        if (options.secret !== true) stderr.write(text);
      };
      const take = (character: string) => {
        switch (character) {
          case "\r":
          case "\n":
            return resolve(line);
          case "\u0003":
            return reject(new Interrupted());
          case "\u0004":
            return line === "" ? reject(new Interrupted()) : undefined;
          case "\u0015":
            echo("\b \b".repeat([...line].length));
            line = "";
            return undefined;
          case "\b":
          case "\u007f":
            if (line === "") return undefined;
            echo("\b \b");
            line = [...line].slice(0, -1).join("");
            return undefined;
          default:
            if (character < " ") return undefined;
            line += character;
            return echo(character);
        }
      };
      const onData = (chunk: Buffer | string) => {
        for (const character of typeof chunk === "string" ? chunk : decoder.write(chunk)) take(character);
      };
      const onEnd = () => reject(new Interrupted());
      const onAbort = () => reject(options.signal.reason);
      stdin.on("data", onData).once("end", onEnd);
      options.signal.addEventListener("abort", onAbort, { once: true });
      cleanUp = () => {
        stdin.off("data", onData).off("end", onEnd);
        options.signal.removeEventListener("abort", onAbort);
      };
    });
  } finally {
    cleanUp();
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write("\n");
  }
}

/** Ctrl-C while we read single characters; ends the program like the signal does. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
    this.name = "Interrupted";
  }
}
