import { scryptSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

interface TestUser {
  readonly password: string;
  readonly groups: readonly string[];
}

/** Makes the users of a server. Their hashes are cheap: what tests wait for is not the time that a login takes. */
export function writeUsers(usersFile: string, users: Readonly<Record<string, TestUser>>): void {
  const entries = Object.entries(users).map(([name, { password, groups }]) => [
    name,
    { password: hash(password), groups },
  ]);
  mkdirSync(dirname(usersFile), { recursive: true });
  writeFileSync(usersFile, JSON.stringify({ users: Object.fromEntries(entries) }));
}

function hash(password: string): string {
  const salt = Buffer.from("salt");
  const key = scryptSync(password, salt, 32, { N: 16, r: 8, p: 1 });
  return ["scrypt", 16, 8, 1, salt.toString("base64url"), key.toString("base64url")].join("$");
}
