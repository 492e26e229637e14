import { type Method, parameters } from "../declare.ts";

/** A method of the time before objects. */
export interface LegacyMethod {
  /** Parameters as `parameters` reads them. */
  readonly signature: string;
  readonly doc: string;
  /** Type of the answer where the name of the method does not say it. */
  readonly result?: string;
  /** The method to use instead. */
  readonly alternative?: string;
  /** Still in use: not marked as deprecated. */
  readonly current?: true;
  /** The version in which it goes away. */
  readonly dropVersion?: string;
  readonly run: Method["run"];
}

/** Methods that have no check of their own: the objects that they use are checked with the caller's rights. (methods 16) */
export function legacyMethods(table: Readonly<Record<string, LegacyMethod>>): Method[] {
  return Object.entries(table).map(([name, { signature, current, ...rest }]) => ({
    name,
    ...namedResult(name),
    ...rest,
    parameters: parameters(signature),
    access: "objects",
    ...(current ? {} : { deprecated: true }),
  }));
}

/** `getClientIds_list`, `getHost_hash`, `getClients_listOfHashes` */
function namedResult(name: string): { readonly result?: string } {
  if (name.endsWith("_list")) return { result: "list[str]" };
  if (name.endsWith("_listOfHashes")) return { result: "list[dict]" };
  return name.endsWith("_hash") ? { result: "dict" } : {};
}
