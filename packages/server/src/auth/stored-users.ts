import { families, fromHash, timestamp, User } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";
import type { UserDirectory } from "./user-directory.ts";

const users = families.find(({ prefix }) => prefix === "user");

/** Users as the site's storage has them: when they were seen first and last. (service 3.4) */
export function storedUsers(storage: Storage): UserDirectory {
  if (users === undefined) throw new Error("There are no users in the model");
  return {
    async noteUserLogin(id) {
      const now = timestamp();
      const [known] = await storage.read(users, { filter: { id } });
      const user = fromHash(User, known === undefined ? { id, created: now, lastLogin: now } : { id, lastLogin: now });
      await storage.write(users, [user], known === undefined ? "insert" : "update");
    },
    // the opsi password file is not there yet: nobody logs in with it
    filePassword: () => null,
    moduleAvailable: () => true,
  };
}
