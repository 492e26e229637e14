import { OpsiError } from "@opsi-ts/model";
import { isRecord } from "../configuration/is-record.ts";
import { readBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";

/** The body of a REST request as an object. @throws OpsiError ValueError */
export async function readJsonObject(exchange: Exchange, limit = 1024 * 1024): Promise<Record<string, unknown>> {
  const body = await readBody(exchange.request, limit);
  let data: unknown;
  try {
    data = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new OpsiError("ValueError", `The body is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!isRecord(data)) throw new OpsiError("ValueError", "The body must be an object");
  return data;
}
