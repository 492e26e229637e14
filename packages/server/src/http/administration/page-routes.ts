import { createHash } from "node:crypto";
import { escapeHtml, htmlPage } from "../html-page.ts";
import type { Route } from "../router.ts";

export interface AdminPageParts {
  readonly hostId: string;
  readonly version: string;
  /** Option `disabled-features` without `rpc-interface`. */
  readonly offersCalls: boolean;
}

/** The administration page, and the stub of the message bus. (service 1.7) */
export function adminPageRoutes(parts: AdminPageParts): Route[] {
  const html = htmlPage("opsi service: administration", pageBody(parts));
  const security = `default-src 'none'; img-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; script-src ${hash(script)}`;
  const headers = ["cache-control", "no-store", "content-security-policy", security];
  return [
    { methods: ["GET"], path: "/admin/", role: "admin", handle: (exchange) => exchange.sendHtml(200, html, headers) },
    {
      methods: ["GET"],
      path: "/messagebus/",
      role: "authenticated",
      handle: (exchange) => exchange.sendHtml(200, messagebusHtml),
    },
  ];
}

const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const messagebusHtml = htmlPage(
  "opsi service: message bus",
  "<h1>Message bus</h1><p>This server has none: agents are reached over their control port.</p>",
);

const pageBody = ({ hostId, version, offersCalls }: AdminPageParts) => `<h1>opsi service</h1>
<p><code>${escapeHtml(hostId)}</code>, compatible with opsi ${escapeHtml(version)}. <a href="/docs">All routes</a></p>
<p role="alert" id="problem"></p>
<h2>State</h2><p><span id="state"></span> <button id="maintenance">Maintenance</button> <button id="normal">Normal work</button></p>
<h2>Blocked addresses</h2><ul id="blocked"></ul><p><button id="unblock">Unblock all</button></p>
<h2>Locked products</h2><ul id="locked"></ul><p><button id="unlock">Unlock all</button></p>
<h2>Depots</h2><table id="depots"></table>
<h2>Sessions</h2><table id="sessions"></table>
<h2>Newest calls</h2><table id="calls"></table>
${offersCalls ? callForm : ""}
<script>${script}</script>`;

const callForm = `<h2>Call a method</h2>
<form id="call"><label for="method">Method</label><input id="method" name="method" required value="backend_info">
<label for="params">Parameters, as a JSON list</label><textarea id="params" name="params" rows="3">[]</textarea>
<p><button>Call</button></p></form><pre id="answer"></pre>`;

/** Only `textContent` is set: names of programs and users come from outside. */
const script = `
const find = (id) => document.getElementById(id);
async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message || answer.error || response.statusText);
  return answer;
}
function list(id, texts) {
  find(id).replaceChildren(...(texts.length > 0 ? texts : ["none"]).map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
}
function table(id, heads, rows) {
  find(id).replaceChildren(...[heads, ...rows].map((cells, index) => {
    const row = document.createElement("tr");
    row.append(...cells.map((text) => {
      const cell = document.createElement(index === 0 ? "th" : "td");
      cell.textContent = text;
      return cell;
    }));
    return row;
  }));
}
async function show() {
  const [state, blocked, locked, depots, sessions, calls] = await Promise.all(
    ["app-state", "blocked-clients", "locked-products-list", "depots", "session-list", "rpc-list"].map((name) => ask("/admin/" + name)),
  );
  find("state").textContent = state.type;
  list("blocked", blocked);
  list("locked", Object.entries(locked).map(([product, ids]) => product + ": " + ids.join(", ")));
  table("depots", ["Depot", "Description", "Transfers"], depots.map((one) => [one.id, one.description, one.used_product_sync_transfer_slots + " of " + one.max_product_sync_transfer_slots]));
  table("sessions", ["Who", "Address", "Program", "Valid"], sessions.map((one) => [one.username, one.address, one.user_agent, one.validity + " s"]));
  table("calls", ["Method", "Who", "Result", "Time"], calls.slice(0, 50).map((one) => [one.method, one.client, one.error ? "error" : one.results, (one.duration * 1000).toFixed(1) + " ms"]));
}
const run = (work) => async (event) => {
  event?.preventDefault();
  find("problem").textContent = "";
  try {
    await work();
  } catch (error) {
    find("problem").textContent = error.message;
  }
};
const change = (path, body) => run(async () => { await ask(path, body); await show(); });
find("maintenance").onclick = change("/admin/app-state", { type: "maintenance", auto_add_to_address_exceptions: true });
find("normal").onclick = change("/admin/app-state", { type: "normal" });
find("unblock").onclick = change("/admin/unblock-all", {});
find("unlock").onclick = change("/admin/products/unlock", {});
if (find("call")) find("call").onsubmit = run(async () => {
  const request = { jsonrpc: "2.0", id: 1, method: find("method").value, params: JSON.parse(find("params").value) };
  find("answer").textContent = JSON.stringify(await ask("/rpc", request), null, 2);
  await show();
});
run(show)();
`;
