import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { OpsiError } from "@opsi-ts/model";
import { value } from "../answer/answer.ts";
import { command } from "../command.ts";
import { positiveNumber } from "../positive-number.ts";

export default command({
  name: "jsonrpc execute",
  doc: "Call a method of the service and show its result.",
  details:
    "A parameter that is JSON is sent as that, any other as text; write '\"5\"' to send a number as text. With " +
    "--dry-run only the request is shown.",
  examples: [
    "opsi jsonrpc execute backend_info",
    `opsi jsonrpc execute host_getObjects '[]' '{"type": "OpsiClient", "id": "pc-*"}' --output table`,
    "opsi jsonrpc execute host_updateObjects --input changes.json",
  ],
  output: "pretty-json",
  options: {
    input: {
      flags: "--input <file>",
      doc: "JSON file that becomes the last parameter, - for stdin",
      complete: "file",
      alias: "--input-file",
    },
    timeout: { flags: "--timeout <seconds>", doc: "give up after this time", parse: positiveNumber },
  },
  arguments: {
    method: { flags: "<method>", doc: "name of the method" },
    params: { flags: "[params...]", doc: "its parameters" },
  },
  async run(context, { method, params, input, timeout }) {
    const sent = params.map(parameterOf);
    if (input !== undefined) sent.push(parseInput(await readInput(context.surroundings.stdin, input, context.path)));
    if (!context.mayChange(`call ${method} with ${JSON.stringify(sent)}`)) return undefined;
    const service = await context.service();
    const timeoutMilliseconds = timeout === undefined ? undefined : timeout * 1000;
    return value(await service.call<unknown>(method, sent, { signal: context.signal, timeoutMilliseconds }));
  },
});

function parameterOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function readInput(stdin: NodeJS.ReadableStream, name: string, path: (typed: string) => string): Promise<string> {
  return name === "-" ? (await buffer(stdin)).toString("utf8") : readFile(path(name), "utf8");
}

function parseInput(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new OpsiError("ValueError", `The input is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
