/**
 * A regular expression in Python's notation, as acl.conf and dispatch.conf have them. What Python writes in another way is
 * translated: flags at the beginning, named groups, `\A` and `\Z`.
 *
 * @param place `begin`: it counts at the beginning of a text only
 * @throws SyntaxError
 */
export function pythonPattern(text: string, place: "begin" | "anywhere"): RegExp {
  const [, flags = "", rest = text] = /^\(\?([aimsu]+)\)([\s\S]*)$/.exec(text) ?? [];
  const translated = rest
    .replaceAll("(?P<", "(?<")
    .replaceAll(/\(\?P=(\w+)\)/g, "\\k<$1>")
    .replaceAll(/\\[\s\S]/g, (escaped) => ({ "\\A": "^", "\\Z": "$" })[escaped] ?? escaped);
  // Letters are letters of any language anyway; `a` and `u` say which ones count.
  const modifiers = [...new Set(flags.replaceAll(/[au]/g, ""))].join("");
  const alone = new RegExp(translated); // a parenthesis too many must not close ours
  if (place === "anywhere" && modifiers === "") return alone;
  return new RegExp(`${place === "begin" ? "^" : ""}(?${modifiers}:${translated})`);
}
