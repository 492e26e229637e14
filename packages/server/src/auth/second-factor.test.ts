import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admin, startTestSite, type TestSite } from "../http/test-site.ts";
import { openCore } from "../open-core.ts";
import { LocalUsers } from "./local-users.ts";
import { SecondFactor, type SecondFactorMode } from "./second-factor.ts";

const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const totp = new TOTP({ secret: Secret.fromBase32(secret) });
const start = 1_700_000_010_000; // the beginning of a step
const codeAt = (timestamp: number) => totp.generate({ timestamp });

/** Logins of `anna` with password `secret` and of `bob` with `year202024`; anna's second factor is switched on. */
function logins(mode: SecondFactorMode, now = () => start, anna = { active: true, secret }) {
  const stored: Record<string, { active: boolean; secret: string }> = {
    anna,
    bob: { active: false, secret: "" },
  };
  const passwords: Record<string, string> = { anna: "secret", bob: "year202024", new: "secret" };
  const known = {
    logIn: async (username: string, password: string) => {
      if (passwords[username] !== password) throw new Error("wrong password");
      return { groups: new Set(["g"]), methods: new Set(["username", "password_file"] as const) };
    },
  };
  return new SecondFactor(mode, known, async (name) => stored[name] ?? null, now);
}

const methodsOf = async (login: Promise<{ methods: ReadonlySet<string> }>) => [...(await login).methods];

describe("which logins need a code", () => {
  test.each<[SecondFactorMode, string, string, string, string]>([
    ["inactive", "anna", "secret", "", "password_file"],
    ["inactive", "anna", "secret", "000000", "password_file"],
    ["inactive", "bob", "year202024", "", "password_file"],
    ["totp_optional", "bob", "year202024", "", "password_file"],
    ["totp_optional", "new", "secret", "", "password_file"],
    ["totp_optional", "anna", "secret", codeAt(start), "totp"],
    ["totp_optional", "anna", `secret${codeAt(start)}`, "", "totp"],
    ["totp_mandatory", "anna", "secret", ` ${codeAt(start)}`, "totp"],
    ["totp_mandatory", "anna", `secret${codeAt(start)}`, "", "totp"],
  ])("%s: %s gets in with %s and code '%s'", async (mode, name, password, code, method) => {
    expect((await methodsOf(logins(mode).logIn(name, password, code))).at(-1)).toBe(method);
  });

  test.each<[SecondFactorMode, string, string, string, string]>([
    ["totp_optional", "anna", "secret", "", "MFA one-time password missing"],
    ["totp_mandatory", "anna", "secret", "", "MFA one-time password missing"],
    ["totp_mandatory", "anna", "secret", "12345", "Incorrect one-time password"],
    ["totp_mandatory", "anna", "secret", codeAt(start - 1), "Incorrect one-time password"],
    ["totp_mandatory", "anna", "secret", codeAt(start + 30_000), "Incorrect one-time password"],
    ["totp_mandatory", "bob", "year202024", "123456", "MFA OTP configuration error"],
    ["totp_mandatory", "new", "secret", "123456", "MFA OTP configuration error"],
    // the password is asked first: nobody else learns who has a second factor
    ["totp_optional", "anna", "wrong", codeAt(start), "wrong password"],
    ["totp_optional", "anna", `secret${codeAt(start)}`, codeAt(start), "wrong password"],
    ["totp_mandatory", "nobody", "secret", "", "wrong password"],
  ])("%s: %s is refused with %s and code '%s': %s", async (mode, name, password, code, message) => {
    await expect(logins(mode).logIn(name, password, code)).rejects.toThrow(message);
  });

  test.each(["", "no base 32!", "0"])("the secret %j is none", async (bad) => {
    const login = logins("totp_optional", undefined, { active: true, secret: bad }).logIn("anna", "secret", "123456");
    await expect(login).rejects.toThrow("MFA OTP configuration error");
  });
});

test("the codes of RFC 6238, cut to six digits", async () => {
  const rfcSecret = new Secret({ buffer: new TextEncoder().encode("12345678901234567890").buffer }).base32;
  for (const [seconds, code] of [
    [59, "287082"],
    [1_111_111_109, "081804"],
    [20_000_000_000, "353130"],
  ] as const) {
    const login = logins("totp_optional", () => seconds * 1000, { active: true, secret: rfcSecret });
    expect(await methodsOf(login.logIn("anna", "secret", code))).toContain("totp");
  }
});

test("a code is good once, also for two at the same time; the next one is good again", async () => {
  let now = start + 29_999;
  const login = logins("totp_mandatory", () => now);
  const both = await Promise.allSettled([1, 2].map(() => login.logIn("anna", "secret", codeAt(now))));
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  now += 1;
  await login.logIn("anna", "secret", codeAt(now));
  await expect(login.logIn("anna", "secret", codeAt(now))).rejects.toThrow("Incorrect one-time password");
});

describe("at a server", () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startTestSite(["--multi-factor-auth", "totp_optional", "--max-auth-failures", "50"], openCore);
  });
  afterAll(() => site[Symbol.asyncDispose]());

  const call = async (method: string, ...params: unknown[]) => {
    const json = { jsonrpc: "2.0", id: 1, method, params };
    return (await site.send("POST", "/rpc", { login: admin, json })).json() as { result: string };
  };
  const logIn = (username: string, more: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    site.send("POST", "/auth/login", { json: { username, password: "secret", ...more }, headers });
  const message = async (login: ReturnType<typeof logIn>) => (await login).json();
  const refusal = (text: string) => ({ status: 401, message: `Opsi service authentication error: ${text}` });
  /** A code that stays good for some seconds. */
  const codeOf = async (uri: string) => {
    const own = new TOTP({ secret: Secret.fromBase32(new URL(uri).searchParams.get("secret") ?? "") });
    if (own.remaining() < 8000) await new Promise((resolve) => setTimeout(resolve, own.remaining() + 10));
    return own.generate();
  };
  /** A user who logged in before his second factor was switched on. */
  const newUser = async (name: string) => {
    await new LocalUsers(join(site.folders.configuration, "users.json")).create(name, "secret");
    expect((await logIn(name)).status).toBe(200);
    return codeOf((await call("user_updateMultiFactorAuth", name)).result);
  };

  test("a code in the body, once, until the second factor is switched off", async () => {
    const code = await newUser("body");
    expect(await message(logIn("body"))).toMatchObject(refusal("MFA one-time password missing"));
    expect(await message(logIn("body", { mfa_otp: "0" }))).toMatchObject(refusal("Incorrect one-time password"));
    expect((await logIn("body", { mfa_otp: code })).status).toBe(200);
    expect(await message(logIn("body", { mfa_otp: code }))).toMatchObject(refusal("Incorrect one-time password"));
    await call("user_updateMultiFactorAuth", "body", "inactive");
    expect((await logIn("body")).status).toBe(200);
  });

  test("a code in the header", async () => {
    const code = await newUser("header");
    const headers = { "x-opsi-mfa-otp": code };
    expect((await site.send("HEAD", "/rpc", { login: "header:secret" })).status).toBe(401);
    expect((await site.send("HEAD", "/rpc", { login: "header:secret", headers })).status).toBe(200);
    expect((await logIn("header", {}, headers)).status).toBe(401); // it was used
  });

  test("a code behind the password; the session needs it no more", async () => {
    const code = await newUser("behind");
    const { status, cookie } = await site.send("HEAD", "/rpc", { login: `behind:secret${code}` });
    expect(status).toBe(200);
    expect((await site.send("HEAD", "/rpc", { headers: { cookie: cookie ?? "" } })).status).toBe(200);
  });

  test("a user name is no pattern", async () => {
    await call("user_createObjects", [{ type: "User", id: "plainuser", mfaState: "totp_active", otpSecret: secret }]);
    for (const username of ["*", "plain*", "<z", "plainuse_"]) {
      const json = { username, password: "plainuser", mfa_otp: totp.generate() };
      expect((await site.send("POST", "/auth/login", { json })).status).toBe(401);
    }
  });
});
