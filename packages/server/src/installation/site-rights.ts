import { existsSync, readdirSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { runProgram } from "./run-program.ts";
import type { Installation, Step } from "./step.ts";
import { type Rights, setTreeRights } from "./tree-rights.ts";

async function numberOf(kind: "group" | "passwd", name: string): Promise<number> {
  const { code, stdout } = await runProgram("getent", [kind, name]);
  const number = Number(stdout.split(":")[2]);
  if (code !== 0 || !Number.isInteger(number)) {
    throw new Error(`the system knows no ${kind === "group" ? "group" : "user"} ${name}`);
  }
  return number;
}

interface Rule {
  readonly path: string;
  readonly rights: Rights;
}

/**
 * The table of service 8.2. Ours is stricter where the original has no such file: the database, the hashes of passwords and
 * the key of the audit trail are for the service alone.
 */
async function rulesOf({ configuration, conf, serviceUser }: Installation): Promise<Rule[]> {
  const { folders, options } = configuration;
  const service = await numberOf("passwd", serviceUser);
  const depotUser = await numberOf("passwd", conf.depotUser);
  const admins = await numberOf("group", conf.adminGroup);
  const fileAdmins = await numberOf("group", conf.fileAdminGroup);
  const rule = (path: string, gid: number, files: number | null, folders: number, further: Partial<Rights> = {}) => ({
    path,
    rights: { uid: service, gid, files, folders, keepsExecutable: false, ...further },
  });
  const alone = (path: string) => rule(path, admins, 0o600, 0o700);
  const ssh = join(folders.root, conf.depotUserHome, ".ssh");
  const ofDepotUser = (path: string, files: number) => rule(path, fileAdmins, files, 0o750, { uid: depotUser });
  // With what stands beside the database while it is open, and the former ones that conversions leave.
  const databases = readdirSync(folders.state).filter((name) => name.startsWith("opsi.sqlite"));
  return [
    rule(folders.configuration, admins, 0o660, 0o770),
    rule(folders.ssl, admins, null, 0o750),
    alone(options.usersFile),
    alone(join(folders.configuration, "audit.key")),
    rule(folders.logs, admins, 0o660, 0o770),
    rule(folders.state, fileAdmins, 0o660, 0o770),
    ...databases.map((name) => alone(join(folders.state, name))),
    rule(folders.backup, admins, 0o660, 0o770),
    rule(folders.public, fileAdmins, 0o664, 0o2775, { keepsExecutable: true }),
    rule(folders.depot, fileAdmins, 0o660, 0o2770, { keepsExecutable: true }),
    rule(folders.workbench, fileAdmins, 0o660, 0o2770, { keepsExecutable: true }),
    rule(folders.repository, fileAdmins, 0o660, 0o2770),
    ofDepotUser(ssh, 0o640),
    ofDepotUser(join(ssh, "id_rsa.pub"), 0o644),
    ofDepotUser(join(ssh, "authorized_keys"), 0o600),
    rule(folders.boot, fileAdmins, 0o664, 0o775),
    rule(folders.service, admins, 0o660, 0o770),
    rule(join(folders.service, "home"), admins, 0o600, 0o700),
    rule(join(folders.service, "addons"), fileAdmins, 0o660, 0o770),
  ];
}

const isBelow = (path: string, top: string) => {
  const way = relative(top, path);
  return way === "" || (!way.startsWith("..") && !isAbsolute(way));
};

/** Owner and permissions of everything that belongs to the site. (service 8.2 step 9) */
export const rights: Step = {
  what: "owner and permissions of the site's files",
  async *run(installation) {
    const rules = await rulesOf(installation);
    const tops = rules.filter(({ path }) => !rules.some((other) => other.path !== path && isBelow(path, other.path)));
    for (const { path: top } of tops) {
      if (!existsSync(top)) continue;
      const inner = rules.filter(({ path }) => isBelow(path, top)).sort((a, b) => b.path.length - a.path.length);
      const rightsOf = (path: string) => {
        const rule = inner.find(({ path: where }) => isBelow(join(top, path), where));
        if (rule === undefined) throw new Error(`no rule for ${path}`);
        return rule.rights;
      };
      const { entries, changed } = await setTreeRights(top, rightsOf);
      const what = `owner and permissions below ${top}`;
      yield changed === 0
        ? { state: "already", what }
        : { state: "done", what: `${what}: ${changed} of ${entries} changed` };
    }
  },
};
