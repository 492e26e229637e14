import { escapeHtml, htmlPage } from "../html-page.ts";
import type { Route } from "../router.ts";
import { adminRoute } from "./admin-route.ts";

/** What this service answers, as a list for people and for programs. (service 1.7) */
export function documentationRoutes(version: string, routes: () => readonly Route[]): Route[] {
  return [
    {
      methods: ["GET"],
      path: "/openapi.json",
      role: "admin",
      handle: (exchange) => exchange.sendJson(200, openApi(version, routes())),
    },
    {
      methods: ["GET"],
      path: "/docs",
      role: "admin",
      handle: (exchange) => exchange.sendHtml(200, documentationHtml(routes())),
    },
    adminRoute("GET", "routes", () => {
      const byPath = Map.groupBy(routes(), ({ path }) => path);
      return Object.fromEntries([...byPath].map(([path, list]) => [path, methodsOf(list).join(", ")]));
    }),
  ];
}

const methodsOf = (list: readonly Route[]) => list.flatMap(({ methods }) => methods);

/** `/admin/products/:product/unlock` as OpenAPI writes it. */
const template = (path: string) => path.replace(/:(\w+)/g, "{$1}").replace(/\*$/, "{rest}");

function openApi(version: string, routes: readonly Route[]) {
  const byPath = Map.groupBy(routes, ({ path }) => template(path));
  const operation = (path: string, role: string) => ({
    ...(role === "public" ? { security: [] } : {}),
    description: role === "admin" ? "For administrators." : role === "public" ? "For everybody." : "After a login.",
    parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      ...{ name, in: "path", required: true, schema: { type: "string" } },
    })),
    responses: { default: { description: "See the documentation of the service." } },
  });
  const paths = [...byPath].map(([path, list]) => {
    const operations = list.flatMap(({ methods, role }) =>
      methods.map((method) => [method.toLowerCase(), operation(path, role)]),
    );
    return [path, Object.fromEntries(operations)];
  });
  return {
    openapi: "3.1.0",
    info: { title: "opsi service", version },
    components: { securitySchemes: { basic: { type: "http", scheme: "basic" } } },
    security: [{ basic: [] }],
    paths: Object.fromEntries(paths),
  };
}

function documentationHtml(routes: readonly Route[]): string {
  const rows = routes.map(
    ({ path, methods, role }) =>
      `<tr><td><code>${escapeHtml(template(path))}</code></td><td>${escapeHtml(methods.join(", "))}</td><td>${role}</td></tr>`,
  );
  return htmlPage(
    "opsi service: routes",
    `<h1>Routes of the service</h1>
<p>Calls go to <code>/rpc</code>, their list is <code>backend_getInterface</code>. For programs: <a href="/openapi.json">openapi.json</a>.</p>
<table><thead><tr><th>Path</th><th>Methods</th><th>For</th></tr></thead><tbody>
${rows.join("\n")}
</tbody></table>`,
  );
}
