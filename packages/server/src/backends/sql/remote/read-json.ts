import { JsonText } from "@opsi-ts/protocol";
import type { Connection } from "./connection.ts";
import type { SelectRows } from "./select-rows.ts";

/** Characters that are collected before they become bytes: strings have a longest length, and long ones cost. */
const chunkLength = 256 * 1024;

/** The JSON array of all rows of the statements. It grows as the rows arrive, so that nobody waits for it. */
export async function readJson(connection: Connection, statements: readonly SelectRows[]): Promise<JsonText> {
  const chunks: Buffer[] = [];
  let text = "[";
  let elements = 0;
  for (const { toJson, ...statement } of statements) {
    await connection.each(statement, (row) => {
      text += elements++ === 0 ? toJson(row) : `,${toJson(row)}`;
      if (text.length > chunkLength) {
        chunks.push(Buffer.from(text));
        text = "";
      }
    });
  }
  text += "]";
  return new JsonText(chunks.length === 0 ? text : Buffer.concat([...chunks, Buffer.from(text)]), elements);
}
