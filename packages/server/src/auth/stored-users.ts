import { families, fromHash, timestamp, User } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";
import type { UserDirectory } from "./user-directory.ts";

const userFamily = families.find(({ prefix }) => prefix === "user");

/** What the data remembers of users who log in. */
export class StoredUsers implements UserDirectory {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async noteUserLogin(username: string): Promise<void> {
    if (!userFamily) throw new Error("Users are not stored");
    const lastLogin = timestamp();
    const known = await this.#storage.readIdents(userFamily, { filter: { id: username } });
    const user = fromHash(
      User,
      known.length > 0 ? { id: username, lastLogin } : { id: username, created: lastLogin, lastLogin },
    );
    await this.#storage.write(userFamily, [user], known.length > 0 ? "update" : "insert");
  }

  /** No program keeps passwords of users there besides the monitoring user's. */
  filePassword(): null {
    return null;
  }

  /** Everything is included, nothing asks for a licence. */
  moduleAvailable(): boolean {
    return true;
  }
}
