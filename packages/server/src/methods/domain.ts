import { Resolver } from "node:dns/promises";
import type { Call, Method } from "./declare.ts";

/** Milliseconds that a name server may take. */
const patience = 2000;
const local = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

const domainOf = (name: string) => name.split(".").slice(1).join(".");

/** The domain in which the caller's computer stands, as far as name service knows; else that of the server. (methods 6) */
export async function ownDomain({ session, site }: Call): Promise<string> {
  if (!local.has(session.address)) {
    const resolver = new Resolver({ timeout: patience, tries: 1 });
    const names = await resolver.reverse(session.address.replace(/^::ffff:/, "")).catch(() => []);
    const name = names.find((text) => text.split(".").length > 2);
    if (name !== undefined) return domainOf(name.replace(/\.$/, ""));
  }
  return domainOf(site.service.configuration.hostName);
}

export const domainMethods: readonly Method[] = [
  {
    name: "getDomain",
    doc: "The domain of the caller's computer, or that of the server.",
    parameters: [],
    result: "str",
    access: "session",
    run: ownDomain,
  },
];
