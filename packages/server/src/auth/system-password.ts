import { spawn } from "node:child_process";
import { OpsiError } from "@opsi-ts/model";

const timeout = 20_000;

/** Runs a program of the system with some input; whether it exists and succeeded. */
function succeeds(program: string, programArguments: readonly string[], input: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, programArguments, { stdio: ["pipe", "ignore", "ignore"], timeout });
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
    child.stdin.on("error", () => {}); // it ended without reading
    child.stdin.end(input);
  });
}

/**
 * Gives a user of the operating system a password, for login and for the shares: smbldap-passwd where there is one,
 * else chpasswd and smbpasswd. What fails there is no error: many servers have no Samba. (methods 8)
 *
 * @param password without line breaks
 * @throws RuntimeError where there is no such user
 */
export async function setSystemPassword(username: string, password: string): Promise<void> {
  if (!(await succeeds("getent", ["passwd", username], ""))) {
    throw new OpsiError("RuntimeError", `System user '${username}' not found`, { field: "username" });
  }
  const twice = `${password}\n${password}\n`;
  if (await succeeds("smbldap-passwd", [username], twice)) return;
  await succeeds("chpasswd", [], `${username}:${password}\n`);
  await succeeds("smbpasswd", ["-a", "-s", username], twice);
}
