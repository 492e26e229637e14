import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PamUsers, pamLogin, pamService } from "./pam-users.ts";

test.each([
  ["ID=debian\n", "common-auth"],
  ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', "common-auth"],
  ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "sshd"],
  ['ID="sles"\n', "sshd"],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', "system-auth"],
  ["ID=fedora\n", "system-auth"],
  [null, "common-auth"],
])("%j has the service %s, until there is an own one", (release, service) => {
  const folder = mkdtempSync(join(tmpdir(), "opsi-pam-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (release !== null) writeFileSync(join(folder, "os-release"), release);
  expect(pamService(folder)).toBe(service);
  mkdirSync(join(folder, "pam.d"));
  writeFileSync(join(folder, "pam.d/opsi-auth"), "");
  expect(pamService(folder)).toBe("opsi-auth");
});

// Directories let an account in under several names; each was a user of its own, with a second factor or without.
test("an account logs in under the name that the system has for it", () => {
  const answer = { code: 0, account: "Anna", groups: ["Users", "OpsiAdmin"] };
  expect([...pamLogin(answer, "anna").groups]).toEqual(["users", "opsiadmin"]);
  for (const other of ["anna@example.org", "example\\anna", " anna"]) {
    expect(() => pamLogin(answer, other)).toThrow("the account has another name");
  }
});

test.each([
  ["an unknown account", "nobody-has-this-name", "x"],
  ["a zero in the password", "root", "x\0y"],
  ["a zero in the name", "root\0", "x"],
  ["half a character", "root", "\ud800"],
  ["a long name", "x".repeat(10_000), "x"],
  ["a long password", "nobody-has-this-name", "x".repeat(100_000)],
])(
  "%s is refused",
  async (_what, username, password) => {
    await expect(new PamUsers().logIn(username, password)).rejects.toMatchObject({
      class: "OpsiServiceAuthenticationError",
    });
  },
  30_000,
);
