import type { ServerCertificates } from "../../certificates/server-certificates.ts";
import type { Exchange } from "../exchange.ts";
import type { Route } from "../router.ts";

/** The CA for clients that shall trust this service. (service 1.7) */
export function certificateRoutes(certificates: Pick<ServerCertificates, "caCertificates">): Route[] {
  const send = (exchange: Exchange, name: string, pem: string) => {
    const disposition = `attachment; filename="${name}"`;
    exchange.send(200, ["content-type", "application/x-pem-file", "content-disposition", disposition], pem);
  };
  return [
    {
      methods: ["GET"],
      path: "/ssl/opsi-ca-cert.pem",
      role: "public",
      handle: async (exchange) => send(exchange, "opsi-ca-cert.pem", (await certificates.caCertificates()).opsiCa),
    },
    {
      methods: ["GET"],
      path: "/ssl/ca-certs.pem",
      role: "public",
      handle: async (exchange) => send(exchange, "ca-certs.pem", (await certificates.caCertificates()).all),
    },
  ];
}
