import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AccessControl } from "../access-control/access-control.ts";
import { parseAcl } from "../access-control/acl-file.ts";
import { defaultAcl } from "../access-control/default-acl.ts";
import type { Session } from "../auth/session.ts";
import { testSession } from "../auth/test-session.ts";
import { allMethods } from "./all.ts";
import { describeInterface } from "./interface.ts";

const methods = [...allMethods().values()];

/** As in `recorded-interface.txt`, which was made of a recorded answer of an original 4.3 server. */
function line(method: ReturnType<typeof describeInterface>[number]): string {
  const { name, args, defaults, keywords, deprecated, drop_version, alternative_method } = method;
  const [, ...names] = args;
  const optional = defaults ?? [];
  const words = names.map((parameter, index) => {
    const at = index - (names.length - optional.length);
    return at < 0 ? parameter : `${parameter}=${JSON.stringify(optional[at])}`;
  });
  if (keywords !== null) words.push(`**${keywords}`);
  const marks = [
    ...(deprecated ? ["deprecated"] : []),
    ...(drop_version === null ? [] : [`until ${drop_version}`]),
    ...(alternative_method === null ? [] : [`-> ${alternative_method}`]),
  ];
  return [`${name}(${words.join(", ")})`, ...marks].join(" ");
}

/** What the original has not. */
const ours: ReadonlySet<string> = new Set([
  ...["audit_getRecords", "audit_verify", "service_cleanUp"],
  ...["user_getLocalUsers", "user_createLocalUser", "user_deleteLocalUser"],
  ...["user_setLocalPassword", "user_setLocalGroups"],
]);

test("the methods are those of the original, with its parameters, defaults and marks", () => {
  const recorded = readFileSync(join(import.meta.dirname, "recorded-interface.txt"), "utf8").trimEnd();
  const answered = describeInterface(methods.filter(({ name }) => !ours.has(name))).map(line);
  // JSON knows no difference between 0.0 and 0.
  expect(answered.join("\n")).toBe(recorded.replaceAll("=0.0", "=0").replaceAll("=30.0", "=30"));
});

test("every method says who may call it", () => {
  const silent = methods.filter(({ access }) => !["name", "objects", "session"].includes(access));
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test("every parameter has a type", () => {
  const untyped = methods.flatMap(({ name, parameters }) =>
    parameters.filter(({ annotation }) => annotation === undefined).map((parameter) => `${name}: ${parameter.name}`),
  );
  expect(untyped).toEqual([]);
});

/** Methods that check nothing but that somebody is logged in: each on purpose. */
const forEverybody = [
  "accessControl_authenticated",
  "accessControl_getUserGroups",
  "accessControl_userIsAdmin",
  "accessControl_userIsReadOnlyUser",
  "authenticated",
  "backend_getSystemConfiguration",
  "depot_acquireTransferSlot", // looks itself: for oneself, or with rights at the depot
  "depot_releaseTransferSlot",
  "exit",
  "getBackendInfos_listOfHashes",
  "getCACerts",
  "getDomain",
  "getOpsiCACert",
  "getServiceTime",
  "userIsAdmin",
  "userIsReadOnlyUser",
];

test("only a few methods are for everybody who is logged in", () => {
  const open = methods.filter(({ access }) => access === "session").map(({ name }) => name);
  expect(open.sort()).toEqual(forEverybody.toSorted());
});

test("methods are checked under names that exist", () => {
  const names = new Set(methods.map(({ name }) => name));
  const unknown = methods.filter(({ checkedAs }) => checkedAs !== undefined && !names.has(checkedAs));
  expect(unknown.map(({ name }) => name)).toEqual([]);
});

const rules = new AccessControl(parseAcl(defaultAcl, "acl.conf", { admingroup: "admins", fileadmingroup: "files" }));

/** Methods with a check of their own name that the default rules leave to a caller. */
function permitted(session: Session): string[] {
  return methods
    .filter(({ access, admin, name, checkedAs = name }) => {
      if (access !== "name" || (admin && !session.isAdmin)) return false;
      try {
        rules.check(checkedAs, session);
        return true;
      } catch {
        return false;
      }
    })
    .map(({ name }) => name);
}

test("a user without rights may call what the rules leave to all", () => {
  expect(permitted(testSession({ username: "user" })).filter((name) => !name.startsWith("backend_"))).toEqual([]);
});

test("what clients may call by name", () => {
  const client = testSession({ username: "pc1.example.org", hostId: "pc1.example.org", hostType: "OpsiClient" });
  const allowed = permitted(client).filter((name) => !name.startsWith("backend_"));
  expect(allowed.sort()).toEqual([
    "SSHCommand_getObject",
    "SSHCommand_getObjects",
    "auditHardware_getConfig",
    "depot_getDiskSpaceUsage",
    "depot_getHostRSAPublicKey",
    "depot_getMD5Sum",
    "driver_getSources",
    "host_getMessagebusConnectedIds",
    "log_read",
    "log_write",
    "productOnClient_addDependencies",
    "user_getCredentials",
  ]);
});
