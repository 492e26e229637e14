import type { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { decodePrivateKey } from "../certificates/key-pair.ts";
import { daysLeft, nameAttribute, readCertificates } from "../certificates/pem-file.ts";
import { type Check, error, type Finding, ok, warning } from "./check.ts";

/** The files of the CA and of the server, as they lie on disk. (service 1.10) */
export const certificates: Check = {
  id: "ssl",
  name: "Certificates",
  description: "The opsi CA and the server's certificate: validity, keys, who may read them.",
  documentation: "The service renews them at its start and once a day; look into its log when they are not renewed.",
  onDepots: true,
  async run({ site }) {
    const { options } = site.service.configuration;
    const authorities = readCertificates(await textOf(options.sslCaCert));
    const authority = authorities.find(({ subject }) => nameAttribute(subject, "CN") === options.sslCaSubjectCn);
    const [server] = readCertificates(await textOf(options.sslServerCert));
    const serverRenewal = options.sslServerCertType === "unmanaged" ? 30 : options.sslServerCertRenewDays;
    return {
      opsi_ca_cert: certificate(authority ?? authorities[0], options.sslCaCert, options.sslCaCertRenewDays - 1),
      opsi_ca_key: await key(options.sslCaKey, options.sslCaKeyPassphrase, authority),
      server_cert: issued(server, authority) ?? certificate(server, options.sslServerCert, serverRenewal),
      server_key: await key(options.sslServerKey, options.sslServerKeyPassphrase, server),
    };
  },
};

const textOf = (path: string) => readFile(path, "utf8").catch(() => "");

/** @param renewDays days before the end at which it should have been renewed */
function certificate(found: X509Certificate | undefined, path: string, renewDays: number): Finding {
  if (!found) return error(`There is no certificate in ${path}.`);
  const days = Math.floor(daysLeft(found));
  const details = { subject: found.subject, valid_to: found.validToDate.toISOString() };
  if (days < 0) return error(`The certificate in ${path} has expired.`, details);
  if (days <= renewDays) return warning(`The certificate in ${path} ends in ${days} days.`, details);
  return ok(`The certificate in ${path} is valid for ${days} days.`, details);
}

/** Only our own CA can be asked; another issuer is the administrator's affair. */
function issued(server: X509Certificate | undefined, authority: X509Certificate | undefined): Finding | null {
  if (!server || !authority || server.issuer !== authority.subject || server.verify(authority.publicKey)) return null;
  return error("The server's certificate was not issued with the key of the opsi CA: clients refuse it.");
}

async function key(path: string, passphrase: string, belongsTo: X509Certificate | undefined): Promise<Finding> {
  const text = await textOf(path);
  if (text === "") return error(`There is no key in ${path}, or it cannot be read.`);
  const pair = decodePrivateKey(text, [passphrase]);
  if (pair === null) return error(`The key in ${path} cannot be read with the passphrase of the options.`);
  if (belongsTo && !belongsTo.checkPrivateKey(pair.privateKey)) {
    return error(`The key in ${path} does not belong to its certificate.`);
  }
  const { mode } = await stat(path);
  if ((mode & 0o007) !== 0) return error(`Everybody may read or change the key in ${path}: chmod o= it.`);
  return ok(`The key in ${path} is usable.`);
}
