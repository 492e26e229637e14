import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { toText } from "../text/bytes.ts";
import type { Certificates } from "./certificates.ts";
import { fromWide, type Handle, wide, windowsFunction } from "./windows-library.ts";

const openStore = windowsFunction<
  (provider: Handle, encoding: number, unused: Handle, flags: number, name: Buffer) => Handle
>("crypt32", "intptr_t CertOpenStore(intptr_t provider, uint32 encoding, intptr_t unused, uint32 flags, void *name)");
const closeStore = windowsFunction<(store: Handle, flags: number) => number>(
  "crypt32",
  "int CertCloseStore(intptr_t store, uint32 flags)",
);
const enumerate = windowsFunction<(store: Handle, previous: Handle) => Handle>(
  "crypt32",
  "intptr_t CertEnumCertificatesInStore(intptr_t store, intptr_t previous)",
);
const nameOf = windowsFunction<
  (certificate: Handle, kind: number, flags: number, what: Buffer, text: Buffer, size: number) => number
>(
  "crypt32",
  "uint32 CertGetNameStringW(intptr_t certificate, uint32 kind, uint32 flags, void *what, void *text, uint32 size)",
);
const duplicate = windowsFunction<(certificate: Handle) => Handle>(
  "crypt32",
  "intptr_t CertDuplicateCertificateContext(intptr_t certificate)",
);
const deleteFromStore = windowsFunction<(certificate: Handle) => number>(
  "crypt32",
  "int CertDeleteCertificateFromStore(intptr_t certificate)",
);
const addEncoded = windowsFunction<
  (store: Handle, encoding: number, data: Buffer, size: number, how: number, added: null) => number
>(
  "crypt32",
  "int CertAddEncodedCertificateToStore(intptr_t store, uint32 encoding, void *data, uint32 size, uint32 how, void *added)",
);

const systemStore = 10; // CERT_STORE_PROV_SYSTEM_W
const localMachine = 0x20000;
const encodings = 0x10001;
const replaceExisting = 3;
const attributeName = 3; // CERT_NAME_ATTR_TYPE
const commonName = Buffer.from("2.5.4.3\0", "latin1");

function withRoots<T>(use: (store: Handle) => T): T {
  const store = openStore(systemStore, 0, 0, localMachine, wide("ROOT"));
  try {
    return use(store);
  } finally {
    closeStore(store, 0);
  }
}

/** Goes through the store; an enumeration frees each certificate when it goes on to the next one. */
function forEachRoot(store: Handle, use: (certificate: Handle, label: string) => void): void {
  const text = Buffer.alloc(1024);
  for (let certificate = enumerate(store, 0); certificate !== 0; certificate = enumerate(store, certificate)) {
    nameOf(certificate, attributeName, 0, commonName, text, 512);
    use(certificate, fromWide(text));
  }
}

/** The machine's trusted root authorities. */
export const windowsCertificates: Certificates = {
  add: (pemFile) => {
    try {
      const { raw } = new X509Certificate(readFileSync(toText(pemFile)));
      return withRoots((store) => addEncoded(store, encodings, raw, raw.length, replaceExisting, null) !== 0);
    } catch {
      return false; // told by the caller with the name
    }
  },
  remove: (label) =>
    withRoots((store) => {
      const found: Handle[] = [];
      forEachRoot(store, (certificate, name) => {
        if (name === label) found.push(duplicate(certificate));
      });
      return found.filter((certificate) => deleteFromStore(certificate) !== 0).length > 0;
    }),
  labels: () => {
    const labels: string[] = [];
    withRoots((store) => forEachRoot(store, (_certificate, label) => void (label !== "" && labels.push(label))));
    return labels;
  },
};
