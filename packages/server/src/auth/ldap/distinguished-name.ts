/** What has a meaning in a DN, and could not stand in an RDN as it is. (RFC 4514 2.4) */
const special = /[\\",+;<>=\0]|^[ #]| $/g;

/** A text as value of an RDN: it stays one value whatever stands in it. (RFC 4514 2.4) */
export function escapeDnValue(value: string): string {
  return value.replace(special, (character) => (character === "\0" ? "\\00" : `\\${character}`));
}

/** The value of the first RDN, `cn=Admins\, all+x=y,dc=example` -> `Admins, all`; null where there is none. */
export function firstRdnValue(dn: string): string | null {
  const start = dn.indexOf("=") + 1;
  if (start === 0) return null;
  const parts = dn.slice(start).match(/(?:\\[0-9A-Fa-f]{2})+|\\?./gsu) ?? [];
  const end = parts.findIndex((part) => part === "," || part === ";" || part === "+");
  const value = end < 0 ? parts : parts.slice(0, end);
  // blanks around a value do not count, unless they are escaped
  const first = value.findIndex((part) => part !== " ");
  const last = value.findLastIndex((part) => part !== " ");
  return value
    .slice(first, last + 1)
    .map(unescaped)
    .join("");
}

/** `\,` is a comma, `\C3\A4` the bytes of a character in UTF-8. */
function unescaped(part: string): string {
  if (/^(?:\\[0-9A-Fa-f]{2})+$/.test(part)) return Buffer.from(part.replaceAll("\\", ""), "hex").toString("utf8");
  return part.length > 1 && part.startsWith("\\") ? part.slice(1) : part;
}
