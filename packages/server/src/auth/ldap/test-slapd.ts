import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "ldapts";
import { freePort } from "../../../../protocol/src/testing/free-port.ts";

/** What OpenLDAP lacks of Active Directory: accounts and groups with their short names. */
const activeDirectorySchema = `
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP organizationalPerson STRUCTURAL MAY ( sAMAccountName ) )
objectclass ( 1.2.840.113556.1.5.8 NAME 'group' SUP top STRUCTURAL MUST cn MAY ( sAMAccountName $ member ) )
`;

const rootDn = "cn=root";
const rootPassword = "root of the test";

/** A real OpenLDAP in a folder of its own: `dc=example,dc=org` with memberOf, `dc=posix,dc=test` without. */
export class Slapd implements AsyncDisposable {
  readonly port: number;
  readonly tlsPort: number;
  /** Certificate of the authority that signed the one of this server, for `localhost`. */
  readonly caFile: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, port: number, tlsPort: number) {
    this.#folder = folder;
    this.port = port;
    this.tlsPort = tlsPort;
    this.caFile = join(folder, "ca.pem");
    const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
    this.#process = spawn("slapd", ["-d", "0", "-h", urls, "-f", join(folder, "slapd.conf")], {
      stdio: "ignore",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
  }

  static async start(entries: Readonly<Record<string, Record<string, string | string[]>>>): Promise<Slapd> {
    const folder = mkdtempSync(join(tmpdir(), "opsi-slapd-"));
    makeCertificates(folder);
    writeConfiguration(folder);
    const slapd = new Slapd(folder, await freePort(), await freePort());
    try {
      await slapd.#answers();
      await slapd.#fill(entries);
    } catch (error) {
      await slapd[Symbol.asyncDispose]();
      throw error;
    }
    return slapd;
  }

  async #answers(): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      const socket = connect({ host: "127.0.0.1", port: this.port });
      const isOpen = await once(socket, "connect").then(
        () => true,
        () => false,
      );
      socket.destroy();
      if (isOpen) return;
      if (this.#process.exitCode !== null) throw new Error(`slapd ended with ${this.#process.exitCode}`);
      await sleep(50);
    }
    throw new Error("slapd does not answer");
  }

  /** Through the server, for its overlay writes memberOf only then. */
  async #fill(entries: Readonly<Record<string, Record<string, string | string[]>>>): Promise<void> {
    const client = new Client({ url: `ldap://127.0.0.1:${this.port}` });
    for (const [dn, attributes] of Object.entries(entries)) {
      const suffix = dn.endsWith("dc=example,dc=org") ? "dc=example,dc=org" : "dc=posix,dc=test";
      await client.bind(`${rootDn},${suffix}`, rootPassword);
      await client.add(dn, attributes);
    }
    await client.unbind();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.pid !== undefined) {
      this.#process.kill("SIGKILL");
      await once(this.#process, "exit");
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function makeCertificates(folder: string): void {
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "ignore" });
  const key = ["-newkey", "rsa:2048", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA");
  openssl("req", ...key, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost");
  writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost\n");
  const signing = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  openssl("x509", "-req", "-in", "request.pem", "-out", "certificate.pem", ...signing);
}

function writeConfiguration(folder: string): void {
  writeFileSync(join(folder, "directory.schema"), activeDirectorySchema);
  const database = (suffix: string, name: string) => {
    mkdirSync(join(folder, name));
    return [
      "database mdb",
      `suffix "${suffix}"`,
      `rootdn "${rootDn},${suffix}"`,
      `rootpw "${rootPassword}"`,
      `directory ${join(folder, name)}`,
      "access to attrs=userPassword by anonymous auth by * none",
      "access to * by users read by * none",
    ];
  };
  const schemas = ["core", "cosine", "inetorgperson", "nis"].map((name) => `include /etc/ldap/schema/${name}.schema`);
  const lines = [
    "modulepath /usr/lib/ldap",
    "moduleload back_mdb",
    "moduleload memberof",
    ...schemas,
    `include ${join(folder, "directory.schema")}`,
    `pidfile ${join(folder, "pid")}`,
    `TLSCACertificateFile ${join(folder, "ca.pem")}`,
    `TLSCertificateFile ${join(folder, "certificate.pem")}`,
    `TLSCertificateKeyFile ${join(folder, "key.pem")}`,
    "TLSVerifyClient never",
    ...database("dc=example,dc=org", "directory"),
    "overlay memberof",
    "memberof-group-oc group",
    "memberof-member-ad member",
    ...database("dc=posix,dc=test", "posix"),
  ];
  writeFileSync(join(folder, "slapd.conf"), `${lines.join("\n")}\n`);
}
