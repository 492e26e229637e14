import { toBytes, toText } from "../text/bytes.ts";
import { parseInteger } from "../text/numbers.ts";
import { builtin } from "./builtin.ts";

/** Parts of an address in the order of `parseUrl`. */
const keys = ["Protocol", "Username", "Password", "Host", "Port", "Path", "Document", "Params", "Bookmark"] as const;
type Parts = Record<(typeof keys)[number], string>;

const percentDecode = (text: string) =>
  text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
const percentEncode = (text: string) =>
  text.replace(
    /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );

/** Splits from the outside to the inside, tolerant: everything is some part of the address. */
function parse(url: string): Parts {
  const parts: Parts = {
    Protocol: "",
    Username: "",
    Password: "",
    Host: "",
    Port: "0",
    Path: "",
    Document: "",
    Params: "",
    Bookmark: "",
  };
  let rest = url;
  const cutAt = (character: string) => {
    const at = rest.lastIndexOf(character);
    if (at < 0) return "";
    const cut = rest.slice(at + 1);
    rest = rest.slice(0, at);
    return cut;
  };
  parts.Bookmark = percentDecode(cutAt("#"));
  const question = rest.indexOf("?");
  if (question >= 0) {
    parts.Params = percentDecode(rest.slice(question + 1));
    rest = rest.slice(0, question);
  }
  const protocol = /^([A-Za-z0-9+\-.]+):/.exec(rest)?.[1];
  if (protocol !== undefined) {
    parts.Protocol = protocol;
    rest = rest.slice(protocol.length + 1);
  }
  if (rest.startsWith("//")) {
    const end = rest.indexOf("/", 2);
    parseAuthority(end < 0 ? rest.slice(2) : rest.slice(2, end), parts);
    rest = end < 0 ? "" : rest.slice(end);
  }
  const slash = rest.lastIndexOf("/");
  parts.Path = percentDecode(rest.slice(0, slash + 1));
  parts.Document = percentDecode(rest.slice(slash + 1));
  return parts;
}

function parseAuthority(authority: string, parts: Parts): void {
  const at = authority.lastIndexOf("@");
  if (at >= 0) {
    const [user = "", ...password] = authority.slice(0, at).split(":");
    parts.Username = percentDecode(user);
    parts.Password = percentDecode(password.join(":"));
  }
  const host = authority.slice(at + 1);
  const port = /:(\d+)$/.exec(host);
  if (port) parts.Port = port[1] ?? "0";
  // the colons of an IPv6 address get lost in the original as well
  parts.Host = (port ? host.slice(0, port.index) : host).replaceAll(":", "");
}

export const parseUrl = builtin({
  name: "parseUrl",
  parameters: [{ name: "url", type: "string" }],
  returns: "list",
  doc: "The parts of an address as key=value, always nine.",
  examples: [
    [
      'parseUrl("http://h:80/a/b?c#d")',
      [
        "Protocol=http",
        "Username=",
        "Password=",
        "Host=h",
        "Port=80",
        "Path=/a/",
        "Document=b",
        "Params=c",
        "Bookmark=d",
      ],
    ],
  ],
  run: (_context, url) => {
    const parts = parse(url);
    return keys.map((key) => `${key}=${parts[key]}`);
  },
});

export const createUrl = builtin({
  name: "createUrl",
  parameters: [{ name: "parts", type: "list" }],
  returns: "string",
  doc: "An address made of key=value parts.",
  examples: [
    ['createUrl(createStringList("Protocol=https","Host=example.org","Port=8443"))', "https://example.org:8443"],
  ],
  run: (_context, list) => {
    const given = new Map(
      list.map((line) => {
        const at = line.indexOf("=");
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1)];
      }),
    );
    const part = (key: (typeof keys)[number]) => given.get(key.toLowerCase()) ?? "";
    let url = part("Protocol") === "" ? "//" : `${part("Protocol").toLowerCase()}://`;
    if (part("Username") !== "") url += `${part("Username")}${part("Password") === "" ? "" : `:${part("Password")}`}@`;
    url += part("Host");
    const port = parseInteger(part("Port")) ?? 0;
    if (port !== 0) url += `:${port}`;
    url += percentEncode(part("Path"));
    if (part("Document") !== "") {
      if (part("Path") !== "" && !url.endsWith("/")) url += "/";
      url += percentEncode(part("Document"));
    }
    if (part("Params") !== "") url += `?${percentEncode(part("Params"))}`;
    if (part("Bookmark") !== "") url += `#${percentEncode(part("Bookmark"))}`;
    return toBytes(toText(url));
  },
});
