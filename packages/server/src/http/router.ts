import type { AccessRole } from "../auth/access-role.ts";
import type { Exchange } from "./exchange.ts";

/** Parts of the path that stand for `:name`. */
export type Parameters = Readonly<Record<string, string>>;

/**
 * One route. Several routes may share a path with different methods; the methods of the first are what a wrong
 * method is told in `Allow`.
 */
export interface Route {
  readonly methods: readonly string[];
  /** Literal; `:name` stands for one segment, a final `*` for the rest, even nothing. Compared with the decoded path. */
  readonly path: string;
  /** Must agree with the rule of `auth/access-role.ts`, which is what is enforced; a test compares them. */
  readonly role: AccessRole;
  handle(exchange: Exchange, parameters: Parameters): void | Promise<void>;
}

const none: Parameters = {};

interface Pattern {
  readonly expression: RegExp;
  readonly routes: readonly Route[];
}

/** Finds routes: literal paths first, then patterns in their order. (service 1.7; docs/decisions/0003) */
export class Router {
  readonly routes: readonly Route[];
  readonly #literal = new Map<string, Route[]>();
  readonly #patterns: Pattern[] = [];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    const patterns = new Map<string, Route[]>();
    for (const route of routes) {
      const map = /[:*]/.test(route.path) ? patterns : this.#literal;
      map.set(route.path, [...(map.get(route.path) ?? []), route]);
    }
    for (const [path, group] of patterns) this.#patterns.push({ expression: expressionOf(path), routes: group });
  }

  /** Answers the request, if only with 404, 405 or a redirect to the path with or without final slash. */
  handle(exchange: Exchange): void | Promise<void> {
    const found = this.#find(exchange.path);
    if (found !== null) {
      const route = found.routes.find(({ methods }) => methods.includes(exchange.method));
      if (route !== undefined) return route.handle(exchange, found.parameters);
      return sendMethodNotAllowed(exchange, found.routes[0]?.methods ?? []);
    }
    const sibling = exchange.path.endsWith("/") ? exchange.path.slice(0, -1) : `${exchange.path}/`;
    if (sibling !== "" && this.#find(sibling) !== null) {
      const query = exchange.query === "" ? "" : `?${exchange.query}`;
      return exchange.redirect(307, encodeURI(sibling) + query);
    }
    sendNotFound(exchange);
  }

  #find(path: string): { routes: readonly Route[]; parameters: Parameters } | null {
    const literal = this.#literal.get(path);
    if (literal !== undefined) return { routes: literal, parameters: none };
    for (const { expression, routes } of this.#patterns) {
      const match = expression.exec(path);
      if (match !== null) return { routes, parameters: { ...match.groups } };
    }
    return null;
  }
}

function sendNotFound(exchange: Exchange): void {
  exchange.sendJson(404, { detail: "Not Found" });
}

export function sendMethodNotAllowed(exchange: Exchange, allowed: readonly string[]): void {
  exchange.sendJson(405, { detail: "Method Not Allowed" }, ["allow", allowed.join(", ")]);
}

function expressionOf(path: string): RegExp {
  const parts = path.split(/(:[a-z]\w*|\*$)/i).map((part) => {
    if (part === "*") return ".*";
    return part.startsWith(":") ? `(?<${part.slice(1)}>[^/]+)` : RegExp.escape(part);
  });
  return new RegExp(`^${parts.join("")}$`, "s");
}
