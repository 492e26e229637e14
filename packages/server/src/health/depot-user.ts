import { type Check, error, ok } from "./check.ts";

export const depotUser: Check = {
  id: "opsi_users",
  name: "Users of opsi",
  description: "The user with whom clients reach the depot has a password that the service can read.",
  documentation: "Set a new one with 'opsi jsonrpc execute user_setCredentials'.",
  async run({ site }) {
    const { depotUser: name } = site.credentials;
    const password = await site.credentials.find(name);
    return {
      [name]: password
        ? ok(`The password of '${name}' is stored.`)
        : error(`No password is stored for '${name}': clients cannot reach the depot's share.`),
    };
  },
};
