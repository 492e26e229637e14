import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { escapeHtml, htmlPage } from "../html-page.ts";
import type { Route } from "../router.ts";

export interface PageRouteParts {
  /** Option `welcome-page`. */
  showsWelcome(): boolean;
  /** Switches the page off for good. */
  hideWelcome(): void;
  readonly hostId: string;
  readonly version: string;
}

/** Start page, login page and the icon. (service 1.7) */
export function pageRoutes(parts: PageRouteParts): Route[] {
  return [
    {
      methods: ["GET"],
      path: "/",
      role: "public",
      handle: (exchange) => exchange.redirect(307, parts.showsWelcome() ? "/welcome" : "/admin"),
    },
    // Windows asks so before it mounts a WebDAV folder
    {
      methods: ["OPTIONS"],
      path: "/",
      role: "public",
      handle: (exchange) => exchange.send(200, ["allow", "OPTIONS, GET, HEAD"]),
    },
    { methods: ["HEAD"], path: "/", role: "public", handle: (exchange) => exchange.send(200, []) },
    {
      methods: ["GET"],
      path: "/welcome/",
      role: "public",
      handle: (exchange) => exchange.sendHtml(200, welcomeHtml(parts)),
    },
    {
      methods: ["POST"],
      path: "/welcome/deactivate",
      role: "public",
      async handle(exchange) {
        await readBody(exchange.request, 1024 * 1024);
        parts.hideWelcome();
        exchange.sendJson(200, null);
      },
    },
    { methods: ["GET", "POST"], path: "/login", role: "public", handle: sendLogin },
    {
      methods: ["GET"],
      path: "/favicon.ico",
      role: "public",
      handle: (exchange) => exchange.redirect(301, "/static/favicon.ico"),
    },
    {
      methods: ["GET", "HEAD"],
      path: "/static/favicon.ico",
      role: "public",
      handle: (exchange) =>
        exchange.send(200, ["content-type", "image/svg+xml", "cache-control", "max-age=86400"], icon),
    },
    {
      methods: ["GET"],
      path: "/static/*",
      role: "public",
      handle: (exchange) => exchange.sendJson(404, { detail: "Not Found" }),
    },
  ];
}

function sendLogin(exchange: Exchange): void {
  exchange.request.resume();
  exchange.sendHtml(200, loginHtml, ["cache-control", "no-store"]);
}

function welcomeHtml({ hostId, version }: PageRouteParts): string {
  return htmlPage(
    "opsi service",
    `<h1>opsi service</h1>
<p>This is the opsi service of <code>${escapeHtml(hostId)}</code>, compatible with opsi ${escapeHtml(version)}.</p>
<ul>
<li><a href="/login">Log in</a></li>
<li><a href="/ssl/opsi-ca-cert.pem">Certificate of the opsi CA</a> &ndash; import it so that your browser trusts this service</li>
<li><a href="/status/">Status</a></li>
<li><a href="/public/">Public files</a></li>
</ul>`,
  );
}

const loginHtml = htmlPage(
  "Log in – opsi service",
  `<h1>Log in</h1>
<form id="login"><label for="username">User name</label><input id="username" name="username" autocomplete="username" required autofocus>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<p role="alert" id="problem"></p><button>Log in</button></form>
<script>
document.getElementById("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = Object.fromEntries(new FormData(event.target));
  const answer = await fetch("/auth/login", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) });
  const result = await answer.json().catch(() => ({}));
  if (!answer.ok) { document.getElementById("problem").textContent = result.message ?? answer.statusText; return; }
  const wanted = new URLSearchParams(location.search).get("redirect") ?? "/";
  const target = URL.parse(wanted, location.origin);
  location.href = target !== null && target.origin === location.origin ? target.href : "/";
});
</script>`,
);

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="#27a" stroke-width="3"/></svg>`;
