import { OpsiError } from "@opsi-ts/model";
import { type Method, parameters } from "./declare.ts";

const nothing = parameters("");
const methods: Method[] = [
  {
    name: "accessControl_authenticated",
    doc: "True if the caller is logged in.",
    parameters: nothing,
    result: "bool",
    access: "session",
    run: ({ session }) => authenticated(session.authenticated),
  },
  {
    name: "accessControl_userIsAdmin",
    doc: "Whether the caller is an administrator.",
    parameters: nothing,
    result: "bool",
    access: "session",
    run: ({ session }) => session.isAdmin,
  },
  {
    name: "accessControl_userIsReadOnlyUser",
    doc: "Whether the caller may only read.",
    parameters: nothing,
    result: "bool",
    access: "session",
    run: ({ session, limits }) => session.isReadOnly || limits?.onlyReads === true,
  },
  {
    name: "accessControl_getUserGroups",
    doc: "The groups of the caller.",
    parameters: nothing,
    result: "list[str]",
    access: "session",
    run: ({ session }) => [...session.userGroups],
  },
  {
    name: "backend_exit",
    doc: "Ends the session.",
    parameters: nothing,
    access: "name",
    run: ({ session, site }) => {
      site.endSession(session.id);
      return null;
    },
  },
  {
    name: "authenticated",
    doc: "True if the caller is logged in.",
    parameters: nothing,
    result: "bool",
    access: "session",
    deprecated: true,
    alternative: "accessControl_authenticated",
    run: ({ session }) => authenticated(session.authenticated),
  },
  {
    name: "userIsAdmin",
    doc: "True if the caller is an administrator, otherwise an error.",
    parameters: nothing,
    result: "bool",
    access: "session",
    deprecated: true,
    alternative: "accessControl_userIsAdmin",
    run: ({ session }) => {
      if (session.isAdmin) return true;
      throw new OpsiError("OpsiServiceAuthenticationError", "User is not an admin");
    },
  },
  {
    name: "userIsReadOnlyUser",
    doc: "Whether the caller may only read.",
    parameters: nothing,
    result: "bool",
    access: "session",
    deprecated: true,
    alternative: "accessControl_userIsReadOnlyUser",
    run: ({ session, limits }) => session.isReadOnly || limits?.onlyReads === true,
  },
  {
    name: "exit",
    doc: "Ends the session.",
    parameters: nothing,
    access: "session",
    deprecated: true,
    alternative: "backend_exit",
    run: ({ session, site }) => {
      site.endSession(session.id);
      return null;
    },
  },
];

function authenticated(value: boolean): true {
  if (value) return true;
  throw new OpsiError("OpsiServiceAuthenticationError", "Not authenticated");
}

/** Who the caller is, and the end of a session. (methods 6) */
export const sessionMethods: readonly Method[] = methods;
