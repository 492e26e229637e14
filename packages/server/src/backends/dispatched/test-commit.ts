import type { ObjectStore, Storage } from "../storage.ts";

/** The storage, with something that happens just before a transaction of it commits. */
export function beforeCommit(storage: Storage, happens: () => void): Storage {
  const transaction = <T>(work: (store: ObjectStore) => Promise<T>) =>
    storage.transaction(async (store) => {
      const result = await work(store);
      happens();
      return result;
    });
  return new Proxy(storage, {
    get(target, name) {
      if (name === "transaction") return transaction;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
