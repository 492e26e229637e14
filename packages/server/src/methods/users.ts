import { fromHash, OpsiError, rule, User } from "@opsi-ts/model";
import type { Password } from "../auth/credentials.ts";
import { newOneTimePasswordSecret, provisioningUri, qrCode } from "../auth/one-time-password.ts";
import { isEmpty, isPlainText } from "./arguments.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { users } from "./families.ts";

/**
 * Users are stored when they log in; one of this server may get a second factor before that.
 *
 * @throws BackendMissingDataError
 */
async function existingUser({ storage, site }: Call, givenId: unknown): Promise<{ id: string; isStored: boolean }> {
  const id = rule.stringLower.coerce(givenId);
  const found = isPlainText(id) ? await storage.readIdents(users, { filter: { id } }) : [];
  if (found.length > 0) return { id, isStored: true };
  if (site.localUsers.find(id) !== null) return { id, isStored: false };
  throw new OpsiError("BackendMissingDataError", `User '${givenId}' not found`, { field: "userId" });
}

/** What a caller can ask for when a secret was made. */
const secretViews = new Map<string, (uri: string) => string>([
  ["uri", (uri) => uri],
  ["qrcode", qrCode],
  ["", () => ""],
]);

/**
 * Switches the second factor of a user on, with a new secret, or off. (objects 6.12)
 *
 * @throws ValueError for an unknown returnType after the change, like the original
 */
async function updateMultiFactorAuth(
  call: Call,
  userId: unknown,
  givenType: unknown,
  returnType: unknown,
): Promise<string> {
  const type = String(givenType).toLowerCase();
  if (type !== "totp" && type !== "inactive") {
    throw new OpsiError("ValueError", `Invalid type '${type}'`, { field: "type" });
  }
  const { id, isStored } = await existingUser(call, userId);
  const secret = type === "totp" ? newOneTimePasswordSecret() : "";
  const mfaState = type === "totp" ? "totp_active" : "inactive";
  await call.storage.write(
    users,
    [fromHash(User, { id, mfaState, otpSecret: secret })],
    isStored ? "update" : "insert",
  );
  if (type === "inactive") return "";
  const view = secretViews.get(String(returnType));
  if (!view) throw new OpsiError("ValueError", `Invalid returnType ${returnType}`, { field: "returnType" });
  return view(provisioningUri(`${id}@${call.site.hostId}`, secret));
}

/**
 * Clients get the password of the depot user, with which they reach the files of products. The original gives them
 * that of every user in clear text. Users who only read get none: with it they could write to the shares.
 */
function getCredentials({ site, session, limits }: Call, username: unknown, hostId: unknown): Promise<Password> {
  const { depotUser } = site.credentials;
  const name = isEmpty(username) ? depotUser : rule.string.coerce(username);
  if (limits?.onlyReads || (session.hostType === "OpsiClient" && name !== depotUser)) {
    throw new OpsiError("OpsiServicePermissionError", `No permission for <username: ${name}>`, { field: "username" });
  }
  if (isEmpty(hostId)) return site.credentials.get(name);
  return site.credentials.getForHost(name, rule.hostId.coerce(hostId));
}

/** (methods 8) */
export const userMethods: readonly Method[] = [
  {
    name: "user_updateMultiFactorAuth",
    doc: "Switches the second factor of a user on, with a new secret, or off.",
    parameters: parameters("userId type='totp' returnType='uri'"),
    result: "str",
    access: "name",
    run: updateMultiFactorAuth,
  },
  {
    name: "user_getCredentials",
    doc: "The password of a user, encrypted for a host if one is named.",
    parameters: parameters("username=None hostId=None"),
    result: "dict",
    access: "name",
    run: getCredentials,
  },
  {
    name: "user_setCredentials",
    doc: "Stores a password; the empty one removes the user.",
    parameters: parameters("username password"),
    access: "name",
    run: async ({ site }, username, password) => {
      await site.credentials.set(rule.stringLower.coerce(username), rule.string.coerce(password));
      return null;
    },
  },
  {
    name: "getPcpatchPassword",
    doc: "The password of the depot user, encrypted for a host.",
    parameters: parameters("hostId"),
    result: "str",
    access: "objects",
    deprecated: true,
    alternative: "user_getCredentials",
    run: async (call, hostId) => {
      call.access.check("user_getCredentials", call.session);
      return (await getCredentials(call, null, hostId)).password;
    },
  },
];
