/** A pattern with `*` and `?`; `*.*` means all files, also those without a dot (sections §1). Unicode texts. */
export function maskMatcher(mask: string): (name: string) => boolean {
  if (mask === "" || mask === "*" || mask === "*.*") return () => true;
  const pattern = mask
    .split(/([*?])/)
    .map((part) => (part === "*" ? ".*" : part === "?" ? "." : RegExp.escape(part)))
    .join("");
  const expression = new RegExp(`^${pattern}$`, process.platform === "win32" ? "is" : "s");
  return (name) => expression.test(name);
}

/** Directory with a delimiter at its end, and what follows. */
export function splitMask(path: string): { folder: string; mask: string } {
  const at = path.lastIndexOf("/");
  return { folder: path.slice(0, at + 1), mask: path.slice(at + 1) };
}
