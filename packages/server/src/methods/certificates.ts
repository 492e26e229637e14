import type { Method } from "./declare.ts";

/** Certificates that everybody who is logged in may have. (methods 6) */
export const certificateMethods: readonly Method[] = [
  {
    name: "getOpsiCACert",
    doc: "The certificate of the opsi CA as PEM.",
    parameters: [],
    result: "str",
    access: "session",
    run: async ({ site }) => (await site.caCertificates()).opsiCa,
  },
  {
    name: "getCACerts",
    doc: "All certificates of the CA file as PEM.",
    parameters: [],
    result: "str",
    access: "session",
    run: async ({ site }) => (await site.caCertificates()).all,
  },
];
