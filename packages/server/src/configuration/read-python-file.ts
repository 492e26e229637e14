import { readFileSync } from "node:fs";
import { OpsiError } from "@opsi-ts/model";
import { pythonAssignments } from "./python-literal.ts";

/** Python reads UTF-8 unless one of the first two lines names another encoding (PEP 263). */
const declaration = /^(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)/;

/**
 * The values that a configuration file in Python assigns to names. It is read, never run. (storage 3.1)
 *
 * @throws BackendConfigurationError naming the file and the line
 */
export function readPythonFile(path: string): ReadonlyMap<string, unknown> {
  try {
    return pythonAssignments(decode(readFileSync(path)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^Backend configuration error: /, "") : String(cause);
    throw new OpsiError("BackendConfigurationError", `${path} cannot be read: ${reason}`, { cause });
  }
}

function decode(bytes: Buffer): string {
  const start = bytes.toString("latin1", 0, 1000);
  const encoding = (declaration.exec(start)?.[1] ?? "utf-8").toLowerCase().replaceAll("_", "-");
  const text = decodedAs(encoding, bytes);
  if (text !== null) return text;
  const lines = bytes.toString("latin1").split("\n");
  const line = 1 + lines.findIndex((one) => decodedAs(encoding, Buffer.from(one, "latin1")) === null);
  const hint = "the first line may name another encoding: # -*- coding: latin1 -*-";
  throw new OpsiError("BackendConfigurationError", `Line ${line} is not in ${encoding}; ${hint}`);
}

/** Null for bytes that are no text of this encoding, and for an encoding that nobody knows. */
function decodedAs(encoding: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding === "latin-1" ? "latin1" : encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
