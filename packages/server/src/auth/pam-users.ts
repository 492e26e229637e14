import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { isRecord } from "../configuration/is-record.ts";
import type { UserAuthenticator, UserLogin } from "./user-login.ts";

/** Modules of PAM wait some seconds after a wrong password, and for directories. */
const timeout = 30_000;
const longestAnswer = 1_000_000;

/** What PAM returns for accounts that do not get in; everything else says that nothing could be checked. */
const refusals: ReadonlySet<unknown> = new Set([
  6, // PAM_PERM_DENIED
  7, // PAM_AUTH_ERR
  8, // PAM_CRED_INSUFFICIENT
  10, // PAM_USER_UNKNOWN
  11, // PAM_MAXTRIES
  12, // PAM_NEW_AUTHTOK_REQD
  13, // PAM_ACCT_EXPIRED
]);

/**
 * Accounts of the operating system. PAM is asked by a small program in Python, which every Debian has: Node.js cannot
 * call libraries, and `unix_chkpwd` would leave out everything that an administrator set up in /etc/pam.d - directories,
 * Kerberos, lock-out. The password goes through a pipe. (service 3.4)
 */
export class PamUsers implements UserAuthenticator {
  async logIn(username: string, password: string): Promise<UserLogin> {
    // C would end the texts at a zero; no account has control characters in its name
    const isText = (password + username).isWellFormed() && !password.includes("\0");
    if (/[\x00-\x1f\x7f]/.test(username) || !isText) throw refused(username, "no such account");
    return pamLogin(JSON.parse(await askPam({ service: pamService(), username, password })), username);
  }
}

/**
 * What the helper's answer means. With directories behind PAM an account may have several names, `anna` and
 * `anna@example.org`: only the one that the system has for it is taken. Under another name he would be somebody else here,
 * without the second factor and the limits that his own has.
 *
 * @throws OpsiError OpsiServiceAuthenticationError, BackendIOError
 */
export function pamLogin(answer: unknown, username: string): UserLogin {
  const { code, text, account, groups } = isRecord(answer) ? answer : {};
  if (code === 0 && Array.isArray(groups)) {
    if (String(account).toLowerCase() !== username.toLowerCase())
      throw refused(username, "the account has another name");
    return {
      groups: new Set(groups.map((group) => String(group).toLowerCase())),
      methods: new Set(["username", "password_pam"] as const),
    };
  }
  if (refusals.has(code)) throw refused(username, String(text));
  throw new OpsiError("BackendIOError", `PAM could not check user '${username}': ${text} (${code})`);
}

const refused = (username: string, text: string) =>
  new OpsiError("OpsiServiceAuthenticationError", `Authentication failed for user '${username}': ${text}`);

/** The file of /etc/pam.d that says how accounts are checked. (service 3.4) */
export function pamService(configuration = "/etc"): string {
  if (existsSync(join(configuration, "pam.d/opsi-auth"))) return "opsi-auth";
  const release = join(configuration, "os-release");
  const lines = existsSync(release) ? readFileSync(release, "utf8").split("\n") : [];
  const ids = lines.flatMap((line) => /^(?:ID|ID_LIKE)=["']?([^"']*)/.exec(line)?.[1]?.split(/\s+/) ?? []);
  if (ids.some((id) => /^(?:sles|suse|opensuse.*)$/.test(id))) return "sshd";
  return ids.some((id) => /^(?:rhel|fedora|centos)$/.test(id)) ? "system-auth" : "common-auth";
}

/** What the helper answers. @throws OpsiError BackendIOError where it does not run, takes too long or says too much */
function askPam(request: Readonly<Record<string, string>>): Promise<string> {
  const failed = (text: string, cause?: unknown) =>
    new OpsiError("BackendIOError", `System accounts cannot be checked: ${text}`, { cause });
  return new Promise((resolve, reject) => {
    const child = spawn("python3", ["-I", "-S", join(import.meta.dirname, "pam-helper.py")], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      timeout,
      killSignal: "SIGKILL",
    });
    let answer = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
      if (answer.length > longestAnswer) child.kill("SIGKILL");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-1000);
    });
    child.on("error", (error) => reject(failed(error.message, error)));
    child.on("close", (code, signal) => {
      if (signal !== null) return reject(failed(`the helper was ended by ${signal}`));
      // the last line of a traceback; what stood in the request is in none
      if (code !== 0) return reject(failed(complaint.trim().split("\n").at(-1) ?? ""));
      resolve(answer);
    });
    child.stdin.on("error", () => {}); // it ended without reading; `close` says why
    child.stdin.end(JSON.stringify(request));
  });
}
