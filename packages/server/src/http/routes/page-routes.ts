import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
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

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fafafa}
code{background:#eee;padding:.1em .3em;border-radius:3px}label{display:block;margin:1rem 0 .2rem}
input{font:inherit;padding:.4rem;width:100%;max-width:20rem;box-sizing:border-box}
button{font:inherit;padding:.4rem 1.2rem;margin-top:1.2rem}[role=alert]{color:#a00;min-height:1.5em}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}code{background:#333}a{color:#8bf}[role=alert]{color:#f88}}`;

const page = (title: string, body: string) => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><link rel="icon" href="/static/favicon.ico"><style>${style}</style></head>
<body>${body}</body></html>
`;

function welcomeHtml({ hostId, version }: PageRouteParts): string {
  return page(
    "opsi service",
    `<h1>opsi service</h1>
<p>This is the opsi service of <code>${escaped(hostId)}</code>, compatible with opsi ${escaped(version)}.</p>
<ul>
<li><a href="/login">Log in</a></li>
<li><a href="/ssl/opsi-ca-cert.pem">Certificate of the opsi CA</a> &ndash; import it so that your browser trusts this service</li>
<li><a href="/status/">Status</a></li>
<li><a href="/public/">Public files</a></li>
</ul>`,
  );
}

const loginHtml = page(
  "Log in &ndash; opsi service",
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

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
