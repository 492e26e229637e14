import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@opsi-ts/logging";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ensureAuthority, loadAuthority } from "./authority.ts";
import { authoritySubject, issueAuthority } from "./issue.ts";
import { decodePrivateKey, encodePrivateKey, generateRsaKeyPair, type KeyPair } from "./key-pair.ts";
import { ownNames } from "./own-names.ts";
import { alternativeNames, nameAttribute, readCertificates } from "./pem-file.ts";
import { type CertificateSettings, ServerCertificates } from "./server-certificates.ts";

let folder = "";
let keys: KeyPair;
beforeAll(async () => {
  keys = await generateRsaKeyPair(2048); // as good for these tests and much faster
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-certificates-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(file(name), "utf8");
const parsed = (name: string) => new X509Certificate(read(name));

function settings(changes: Partial<CertificateSettings> = {}): CertificateSettings {
  return {
    authority: {
      hostId: "server.example.org",
      commonName: "opsi CA",
      keyFile: file("opsi-ca-key.pem"),
      certificateFile: file("opsi-ca-cert.pem"),
      passphrase: "ca secret",
      validDays: 730,
      renewDays: 700,
      permittedDomains: [],
    },
    type: "opsi-ca",
    hostId: "server.example.org",
    hostName: "server.example.org",
    keyFile: file("opsiconfd-key.pem"),
    certificateFile: file("opsiconfd-cert.pem"),
    passphrase: "server secret",
    validDays: 90,
    renewDays: 30,
    clientValidDays: 360,
    names: ["extra.example.org", "192.0.2.7"],
    checkInterval: 86_400,
    keyBits: 2048,
    ...changes,
  };
}

/** A CA with so many days to go, as an earlier start would have left it. */
async function leaveAuthority(
  validDays: number,
  commonName = "opsi CA",
  permittedDomains: string[] = [],
): Promise<void> {
  const subject = authoritySubject("old.example.com", commonName);
  writeFileSync(file("opsi-ca-cert.pem"), await issueAuthority({ keys, subject, validDays, permittedDomains }));
  writeFileSync(file("opsi-ca-key.pem"), encodePrivateKey(keys.privateKey, "ca secret"));
}

async function open(changes: Partial<CertificateSettings> = {}) {
  const certificates = ServerCertificates.open(settings(changes), silentLog);
  certificates.start();
  await certificates.ready;
  return certificates;
}

const dayCount = (certificate: X509Certificate) =>
  (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000;

test("a fresh folder: quick at first, then CA and server certificate as the spec says", async () => {
  const started = performance.now();
  using certificates = ServerCertificates.open(settings({ keyBits: 4096 }), silentLog);
  expect(performance.now() - started).toBeLessThan(300);
  const [first = ""] = certificates.material.cert;
  const provisional = new X509Certificate(first);
  expect(provisional.verify(provisional.publicKey)).toBe(true);
  expect(alternativeNames(provisional)).toContain("server.example.org");
  certificates.start();
  await certificates.ready;

  const ca = parsed("opsi-ca-cert.pem");
  expect(ca.subject).toBe(
    "C=DE\nST=RP\nL=MAINZ\nO=uib\nOU=opsi@example.org\nCN=opsi CA\nemailAddress=opsi@example.org",
  );
  expect(ca.publicKey.asymmetricKeyDetails?.modulusLength).toBe(4096);
  expect([ca.ca, ca.issuer === ca.subject, dayCount(ca)]).toEqual([true, true, 730]);
  expect(ca.toLegacyObject()).toMatchObject({ ca: true });
  const leaf = parsed("opsiconfd-cert.pem");
  expect(leaf.subject).toBe("OU=opsi@example.org\nCN=server.example.org\nemailAddress=opsi@example.org");
  expect([leaf.ca, leaf.verify(ca.publicKey), dayCount(leaf)]).toEqual([false, true, 90]);
  expect(leaf.publicKey.asymmetricKeyDetails?.modulusLength).toBe(4096);
  expect(leaf.keyUsage).toEqual([1, 2, 3, 4].map((number) => `1.3.6.1.5.5.7.3.${number}`));
  const names = alternativeNames(leaf);
  for (const name of ["localhost", "server.example.org", "extra.example.org", "127.0.0.1", "192.0.2.7"]) {
    expect(names).toContain(name);
  }
  expect([statSync(file("opsi-ca-key.pem")).mode & 0o777, statSync(file("opsi-ca-cert.pem")).mode & 0o777]).toEqual([
    0o600, 0o644,
  ]);
  expect(read("opsi-ca-key.pem")).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  expect(() => createPrivateKey({ key: read("opsiconfd-key.pem"), passphrase: "server secret" })).not.toThrow();

  const [rsa, ec] = certificates.material.cert.map((pem) => new X509Certificate(pem));
  expect(rsa?.fingerprint256).toBe(leaf.fingerprint256);
  expect(ec?.publicKey.asymmetricKeyType).toBe("ec");
  expect(alternativeNames(ec ?? leaf)).toEqual(names);
});

test("a second start takes what is there", async () => {
  await leaveAuthority(730);
  using first = await open();
  using second = ServerCertificates.open(settings(), silentLog);
  expect(second.material.cert[0]).toBe(first.material.cert[0]);
  second.start();
  await second.ready;
  expect(second.material.cert[0]).toBe(first.material.cert[0]);
});

test.each<[what: string, changes: Partial<CertificateSettings>]>([
  ["another host id", { hostId: "new.example.org" }],
  ["another name", { names: ["other.example.org"] }],
  ["few days left", { renewDays: 90 }],
])("%s: the server gets a new certificate", async (_what, changes) => {
  await leaveAuthority(730);
  using _first = await open();
  const before = parsed("opsiconfd-cert.pem").fingerprint256;
  using _second = await open(changes);
  expect(parsed("opsiconfd-cert.pem").fingerprint256).not.toBe(before);
});

test("a CA that is due is renewed with its key and subject; others in the file stay", async () => {
  await leaveAuthority(699);
  const before = parsed("opsi-ca-cert.pem");
  const other = await issueAuthority({
    keys,
    subject: authoritySubject("x.y.z", "Other"),
    validDays: 9,
    permittedDomains: [],
  });
  writeFileSync(file("opsi-ca-cert.pem"), read("opsi-ca-cert.pem") + other);
  writeFileSync(file("opsi-ca-key.pem.bak"), "the key before this one");
  await ensureAuthority(settings().authority, silentLog);
  const [renewed, kept] = readCertificates(read("opsi-ca-cert.pem"));
  expect(renewed?.subject).toBe(before.subject);
  expect(renewed?.publicKey.equals(before.publicKey)).toBe(true);
  expect(renewed?.fingerprint256).not.toBe(before.fingerprint256);
  expect(nameAttribute(kept?.subject ?? "", "CN")).toBe("Other");
  expect(existsSync(file("opsi-ca-cert.pem.bak"))).toBe(true);
  expect(read("opsi-ca-key.pem.bak")).toBe("the key before this one");
});

test("until a CA that is due is renewed, the server shows what it issued; then it gets a new certificate", async () => {
  await leaveAuthority(730);
  using _first = await open();
  const before = read("opsiconfd-cert.pem");
  await leaveAuthority(699);
  using second = ServerCertificates.open(settings(), silentLog);
  expect(second.material.cert).toEqual([before]);
  second.start();
  await second.ready;
  expect(read("opsiconfd-cert.pem")).not.toBe(before);
  expect(second.material.cert[0]).toBe(read("opsiconfd-cert.pem"));
});

test("a certificate that could not be written is written at a later check", async () => {
  await leaveAuthority(730);
  const certificateFile = file("later/opsiconfd-cert.pem");
  using certificates = ServerCertificates.open(settings({ certificateFile }), silentLog);
  certificates.start();
  await expect(certificates.ready).rejects.toThrow("ENOENT");
  mkdirSync(file("later"));
  await certificates.check();
  expect((await certificates.caCertificates()).opsiCa).toBe(parsed("opsi-ca-cert.pem").toString());
});

// Who configured a name with a port, by mistake, had a server that could not renew its certificate any more.
test("a name that is none does not end all checks", async () => {
  await leaveAuthority(730);
  const names = ["extra.example.org:4447"];
  using _first = await open({ names });
  const before = read("opsiconfd-cert.pem");
  using _second = await open({ names });
  expect(read("opsiconfd-cert.pem")).toBe(before);
});

test("a key that only the default passphrase opens is encrypted with the configured one", async () => {
  await leaveAuthority(730);
  writeFileSync(file("opsi-ca-key.pem"), encodePrivateKey(keys.privateKey, "Toohoerohpiep8yo"));
  using _certificates = await open();
  expect(decodePrivateKey(read("opsi-ca-key.pem"), ["ca secret"])).not.toBeNull();
  expect(decodePrivateKey(read("opsi-ca-key.pem"), ["Toohoerohpiep8yo"])).toBeNull();
});

test("a CA without its key is not used, a broken file neither", async () => {
  await leaveAuthority(730);
  copyFileSync(file("opsi-ca-cert.pem"), file("opsi-ca-key.pem"));
  expect(loadAuthority(settings().authority)).toBeNull();
  await leaveAuthority(730);
  writeFileSync(file("opsi-ca-cert.pem"), "nonsense");
  expect(loadAuthority(settings().authority)).toBeNull();
});

test("a CA can be limited to domains", async () => {
  await leaveAuthority(730, "opsi CA", [".example.org", "example.com"]);
  const raw = parsed("opsi-ca-cert.pem").raw.toString("latin1");
  expect(raw).toContain("\x82\x0bexample.org");
  expect(raw).toContain("\x82\x0bexample.com");
  expect(raw).toContain("\x82\x09localhost");
});

test("a host gets a key and a certificate that the CA vouches for", async () => {
  await leaveAuthority(730);
  using certificates = await open();
  const pem = await certificates.issueForHost({ id: "pc1.example.org", isDepot: false, names: ["192.0.2.1"] });
  expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  const certificate = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE")));
  expect(certificate.checkPrivateKey(createPrivateKey(pem))).toBe(true);
  expect(certificate.verify(keys.publicKey)).toBe(true);
  expect([nameAttribute(certificate.subject, "CN"), dayCount(certificate)]).toEqual(["pc1.example.org", 360]);
  expect(alternativeNames(certificate)).toEqual(expect.arrayContaining(["localhost", "pc1.example.org", "192.0.2.1"]));
});

test("an administrator's own certificate is taken as it is, and missed when it is not there", async () => {
  await leaveAuthority(730);
  const unmanaged = { type: "unmanaged", names: ["whatever"] } as const;
  expect(() => ServerCertificates.open(settings(unmanaged), silentLog)).toThrow("must be provided");
  using _first = await open();
  const before = read("opsiconfd-cert.pem");
  using second = await open(unmanaged);
  expect(second.material.cert).toEqual([before]);
  expect(read("opsiconfd-cert.pem")).toBe(before);
});

test("this machine knows its addresses", async () => {
  const { names } = await ownNames(["a.example.org"]);
  expect(names.slice(0, 2)).toEqual(["localhost", "a.example.org"]);
  expect(names).toContain("127.0.0.1");
  expect(names.some((name) => name.startsWith("fe80"))).toBe(false);
});
