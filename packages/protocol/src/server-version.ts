/** What a service can do, read from its `Server` header. (service §1.4, §6.3) */
export interface ServerFeatures {
  /** `0` if the header does not say. */
  readonly version: string;
  readonly gzipRequests: boolean;
  /** MessagePack and LZ4, in requests and answers. */
  readonly messagePack: boolean;
  readonly restLogout: boolean;
  readonly messagebus: boolean;
  /** Path of the CA certificates. */
  readonly caPath: string;
}

export function readServerFeatures(serverHeader: string): ServerFeatures {
  const version = /^opsi\D+([\d.]+)/.exec(serverHeader)?.[1]?.replace(/\.+$/, "") ?? "0";
  return {
    version,
    gzipRequests: isAtLeast(version, "4.2.0.0"),
    messagePack: isAtLeast(version, "4.2.0.171"),
    restLogout: isAtLeast(version, "4.2.0.285"),
    messagebus: isAtLeast(version, "4.2.0.287"),
    caPath: isAtLeast(version, "4.3.18.15") ? "/ssl/ca-certs.pem" : "/ssl/opsi-ca-cert.pem",
  };
}

/** Compares dotted numbers; missing parts count as 0. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [have, want] = [version, minimum].map((text) => text.split(".").map(Number)) as [number[], number[]];
  for (let index = 0; index < Math.max(have.length, want.length); index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
