import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Caller } from "../configuration/read-from-service.ts";
import { writeDurably } from "../state/durable-file.ts";

export interface ControlCertificate {
  readonly key: string;
  readonly cert: string;
  /** Made by this agent for want of a better one. */
  readonly selfSigned: boolean;
  readonly daysLeft: number;
}

const day = 86_400_000;
/** A certificate that ends sooner is replaced. (agent §1.4) */
const renewalDays = 60;

/** The certificate of the control server: the one in the file, or a self-signed one. (agent §1.4) */
export async function openControlCertificate(file: string, hostId: string): Promise<ControlCertificate> {
  const stored = parsePair(await readFile(file, "utf8").catch(() => ""));
  if (stored !== null && stored.daysLeft > 0) return stored;
  const { makeSelfSigned } = await import("./self-signed-certificate.ts"); // large, and hardly ever needed
  const made = { ...(await makeSelfSigned(hostId)), selfSigned: true, daysLeft: 365 };
  await writeDurably(file, made.key + made.cert);
  return made;
}

/** Asks the service for a certificate if ours is a makeshift one or ends soon; null if it is fine. */
export async function renewControlCertificate(
  current: ControlCertificate,
  file: string,
  hostId: string,
  service: Caller,
): Promise<ControlCertificate | null> {
  if (!current.selfSigned && current.daysLeft > renewalDays) return null;
  const pair = parsePair(await service.call<string>("host_getTLSCertificate", [hostId]));
  if (pair === null) return null;
  await writeDurably(file, pair.key + pair.cert);
  return pair;
}

function parsePair(pem: string): ControlCertificate | null {
  const key = /-----BEGIN (?:\w+ )?PRIVATE KEY-----[\s\S]*?-----END (?:\w+ )?PRIVATE KEY-----\n?/.exec(pem)?.[0];
  const cert = (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g) ?? []).join("");
  if (key === undefined || cert === "") return null;
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return null;
    return {
      key: key.endsWith("\n") ? key : `${key}\n`,
      cert,
      selfSigned: certificate.issuer === certificate.subject,
      daysLeft: (certificate.validToDate.getTime() - Date.now()) / day,
    };
  } catch {
    return null;
  }
}
