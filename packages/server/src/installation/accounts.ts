import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { runProgram } from "./run-program.ts";
import type { Outcome, Step } from "./step.ts";

async function attempt(what: string, program: string, words: readonly string[]): Promise<Outcome> {
  const { code, stderr } = await runProgram(program, words);
  return code === 0
    ? { state: "done", what }
    : { state: "failed", what, why: stderr.trim() || `${program} ended with ${code}` };
}

/** Accounts may come from a directory as well: only the system's name service knows. */
const isKnown = async (kind: "group" | "passwd", name: string) => (await runProgram("getent", [kind, name])).code === 0;

async function group(name: string, kind: readonly string[]): Promise<Outcome> {
  const what = `group ${name}`;
  if (await isKnown("group", name)) return { state: "already", what };
  return attempt(what, "groupadd", [...kind, name]);
}

interface User {
  readonly name: string;
  readonly group: string;
  readonly home: string;
  readonly shell: string;
}

async function user({ name, group, home, shell }: User): Promise<Outcome> {
  const what = `user ${name}`;
  if (await isKnown("passwd", name)) return { state: "already", what };
  await mkdir(dirname(home), { recursive: true });
  return attempt(what, "useradd", [
    "--system",
    "--no-create-home",
    ...["--gid", group, "--home-dir", home, "--shell", shell, name],
  ]);
}

async function membership(name: string, groups: readonly string[]): Promise<Outcome> {
  const what = `user ${name} in ${groups.join(", ")}`;
  const { stdout } = await runProgram("id", ["-nG", name]);
  const has = new Set(stdout.trim().split(/\s+/));
  const missing = groups.filter((group) => !has.has(group));
  if (missing.length === 0) return { state: "already", what };
  return attempt(what, "usermod", ["--append", "--groups", missing.join(","), name]);
}

/** Groups and users of the operating system: administrators, file administrators, shares, the service. (service 8.2 step 6) */
export const accounts: Step = {
  what: "groups and users",
  async *run({ conf, configuration, serviceUser }) {
    const { adminGroup, fileAdminGroup, depotUser, depotUserHome } = conf;
    yield await group(adminGroup, []);
    yield await group(fileAdminGroup, ["--system"]);
    yield await group("shadow", ["--system"]);
    yield await user({ name: depotUser, group: fileAdminGroup, home: depotUserHome, shell: "/bin/false" });
    const home = `${configuration.folders.service}/home`;
    yield await user({ name: serviceUser, group: fileAdminGroup, home, shell: "/bin/bash" });
    await mkdir(home, { recursive: true }); // gets its owner with the rest of the site
    yield await membership(serviceUser, ["shadow", adminGroup, fileAdminGroup]);
  },
};
