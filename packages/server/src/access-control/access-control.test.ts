import { familyOf } from "@opsi-ts/model";
import { expect, test } from "vitest";
import type { Session } from "../auth/session.ts";
import { testSession } from "../auth/test-session.ts";
import { AccessControl } from "./access-control.ts";
import { parseAcl } from "./acl-file.ts";
import { defaultAcl } from "./default-acl.ts";
import { checkFilter, readRestriction } from "./restriction.ts";

const groups = { admingroup: "opsiadmin", fileadmingroup: "opsifileadmins" };
const parse = (text: string) => parseAcl(text, "acl.conf", groups);

const administrator = testSession({ username: "admin", userGroups: new Set(["opsiadmin"]) });
const plainUser = testSession({ username: "user" });
const client = testSession({ username: "pc1.example.org", hostId: "pc1.example.org", hostType: "OpsiClient" });
const depot = testSession({
  username: "depot1.example.org",
  hostId: "depot1.example.org",
  hostType: "OpsiDepotserver",
});

test.each([
  ["x :", "Bad formatted line 'x :'"],
  ["x : sys_group", "Bad formatted acl type 'sys_group': no params given"],
  ["x : everybody", "Unhandled acl type: 'everybody'"],
  ["x : all(pc1)", "Unhandled acl type param 'pc1' for acl type 'all'"],
  ["x : opsi_client(attributes(a, (b))", "at line 1 in acl file 'acl.conf'"],
])("%s is refused", (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test("a line that cannot be read is named", () => {
  expect(() => parse("# rules\n\nhost_.* : all\n.* : nobody")).toThrow("at line 4 in acl file 'acl.conf'");
});

test("several ids share the attributes of their entry", () => {
  const [first, second] = parse("x : opsi_client(pc1, attributes(!key, !notes), pc2); self");
  expect([first?.id, second?.id]).toEqual(["pc1", "pc2"]);
  expect([...(second?.denied ?? [])]).toEqual(["key", "notes"]);
});

test("only the first matching line counts, with lines of the same pattern that follow it", () => {
  const access = new AccessControl(parse("host_.* : opsi_depotserver\nhost_.* : self\n.* : all"));
  expect(access.check("host_getObjects", client).map(({ type }) => type)).toEqual(["self"]);
  expect(() => access.check("host_getObjects", plainUser)).toThrow("No permission for method 'host_getObjects'");
  expect(access.check("config_getObjects", plainUser)).toHaveLength(1);
});

test("names of users, groups and hosts fit whatever their case", () => {
  const access = new AccessControl(
    parse("host_.* : sys_user(User)\nlog_.* : opsi_client(PC1.example.org)\n.* : sys_group(OpsiAdmin)"),
  );
  expect(access.check("log_read", client)).toHaveLength(1);
  expect(access.check("host_getObjects", plainUser)).toHaveLength(1);
  expect(access.check("config_getObjects", administrator)).toHaveLength(1);
});

const access = new AccessControl(parse(defaultAcl));

test.each<[method: string, who: Session, allowed: boolean]>([
  ["host_getObjects", administrator, true],
  ["host_getObjects", client, true],
  ["host_getObjects", plainUser, false],
  ["host_deleteObjects", client, false],
  ["host_deleteObjects", depot, true],
  ["backend_info", plainUser, true],
  ["backend_deleteBase", depot, false],
  ["config_createObjects", client, true],
  ["config_updateObjects", client, false],
  ["user_setCredentials", client, false],
])("%s by %o: %s", (method, who, allowed) => {
  const call = () => access.check(method, who);
  if (allowed) expect(call).not.toThrow();
  else expect(call).toThrow(`No permission for method '${method}'`);
});

test("nobody who is not logged in may call anything", () => {
  expect(() => access.check("backend_info", testSession({ authenticated: false }))).toThrow("Invalid session");
});

const hosts = familyOf("host");

test("a client sees the secrets of its own host only, and cannot find out others by filters", () => {
  const entries = access.check("host_getObjects", client);
  const restriction = readRestriction(hosts, entries, client.hostId);
  expect(restriction).toMatchObject({ hostId: "pc1.example.org", owner: "id", rows: "all" });
  expect([...(restriction?.ownOnly ?? [])]).toEqual(
    expect.arrayContaining(["opsiHostKey", "oneTimePassword", "notes", "lastSeen", "hardwareAddress"]),
  );
  expect(() => checkFilter({ hardwareAddress: "52:54:00:00:00:01" }, entries)).toThrow("attribute hardwareAddress");
  expect(() => checkFilter({ id: "pc*" }, entries)).not.toThrow();
});

test("whoever has an entry without limits sees everything", () => {
  expect(readRestriction(hosts, access.check("host_getObjects", administrator), null)).toBeUndefined();
});
