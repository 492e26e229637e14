import type { Exchange } from "../exchange.ts";
import type { Route } from "../router.ts";

export interface CertificateRouteParts {
  /** PEM of the opsi CA, and of everything in the CA file; waits until they exist. */
  caCertificates(): Promise<{ readonly opsiCa: string; readonly all: string }>;
}

/** The CA for clients that shall trust this service. (service 1.7) */
export function certificateRoutes({ caCertificates }: CertificateRouteParts): Route[] {
  const send = (exchange: Exchange, name: string, pem: string) => {
    const disposition = `attachment; filename="${name}"`;
    exchange.send(200, ["content-type", "application/x-pem-file", "content-disposition", disposition], pem);
  };
  return [
    {
      methods: ["GET"],
      path: "/ssl/opsi-ca-cert.pem",
      role: "public",
      handle: async (exchange) => send(exchange, "opsi-ca-cert.pem", (await caCertificates()).opsiCa),
    },
    {
      methods: ["GET"],
      path: "/ssl/ca-certs.pem",
      role: "public",
      handle: async (exchange) => send(exchange, "ca-certs.pem", (await caCertificates()).all),
    },
  ];
}
