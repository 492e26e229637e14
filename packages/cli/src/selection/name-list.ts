/** `a, b` → `["a", "b"]`: lists on the command line are written with commas, as in opsi-cli. */
export function nameList(text: string): readonly string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** True if a name is one of the list, in which `*` stands for anything; upper and lower case are the same. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    return new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`, "i");
  });
  return (name) => expressions.some((expression) => expression.test(name));
}
