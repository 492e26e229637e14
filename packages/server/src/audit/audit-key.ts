import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { OpsiError } from "@opsi-ts/model";
import { writeFileAtomically } from "../configuration/atomic-file.ts";

/**
 * The key of the audit trail; a new site gets one.
 *
 * @throws BackendConfigurationError for a file that holds something else: a new key would hide what was done to the
 *   trail
 */
export function readAuditKey(path: string): Uint8Array {
  if (!existsSync(path)) writeFileAtomically(path, `${randomBytes(32).toString("hex")}\n`, 0o600);
  const text = readFileSync(path, "utf8").trim();
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, "hex");
  throw new OpsiError("BackendConfigurationError", `${path} should hold the audit trail's key: 64 hexadecimal digits`);
}
