import { AsyncLocalStorage } from "node:async_hooks";

/** Who changes something, and by what. */
export interface Actor {
  /** Name of a person or program that logged in with a password. */
  readonly user: string | null;
  /** Id of a client or depot that logged in with its key. */
  readonly host: string | null;
  readonly address: string | null;
  /** RPC method, or method and path of an HTTP request. */
  readonly method: string;
}

/** The method of what the service notes when somebody logs in. */
export const loginMethod = "login";

/** Whether a person wanted the change. What the service or a host notes in passing may be no change at all. */
export const isWanted = ({ user, method }: Pick<Actor, "user" | "method">) => user !== null && method !== loginMethod;

/** What the service does of its own accord. */
export const service: Actor = { user: null, host: null, address: null, method: "service" };

const actors = new AsyncLocalStorage<Actor>();

/**
 * Whatever `work` changes in the storage, now or behind an `await`, is recorded as done by the actor. A context and no
 * parameter: a change that some code forgets to hand the caller to would be recorded as nobody's.
 *
 *     await actAs({ user: "admin", host: null, address: "10.0.0.1", method: "host_delete" }, () => method.run(call));
 */
export const actAs = <T>(actor: Actor, work: () => T): T => actors.run(actor, work);

export const currentActor = (): Actor => actors.getStore() ?? service;

/** Who is behind a session. */
interface Caller {
  readonly username: string;
  readonly hostId: string | null;
  readonly address: string;
}

export function actorOf({ username, hostId, address }: Caller, method: string): Actor {
  return { user: hostId === null && username !== "" ? username : null, host: hostId, address, method };
}
