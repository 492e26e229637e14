import { OpsiError } from "@opsi-ts/model";

/** Compares `productVersion[-packageVersion]` with the original's rules; negative, 0 or positive (packages 2.1). */
export function compareVersions(left: string, right: string): number {
  const a = versionKey(left);
  const b = versionKey(right);
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [x = "", y = ""] = [a[index], b[index]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

/** `condition` is one of `=`, `==`, `<`, `<=`, `>`, `>=`; empty means `==`. */
export function versionFulfills(version: string, condition: string, wanted: string): boolean {
  const order = compareVersions(version, wanted);
  switch (condition) {
    case "":
    case "=":
    case "==":
      return order === 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    default:
      throw new OpsiError("ValueError", `Bad condition '${condition}'`);
  }
}

const renamed: Readonly<Record<string, string>> = { pre: "c", preview: "c", rc: "c", dev: "@", "-": "final-" };

function versionKey(version: string): string[] {
  const [productVersion = "", packageVersion, ...more] = (version.split("~")[0] ?? "").split("-");
  const isGood =
    more.length === 0 &&
    /^[a-zA-Z0-9.]{1,32}$/.test(productVersion) &&
    (packageVersion === undefined || /^[a-zA-Z0-9.]{1,16}$/.test(packageVersion));
  if (!isGood) throw new OpsiError("ValueError", `Bad package version provided: '${version}'`);
  const key: string[] = [];
  const text = packageVersion === undefined ? productVersion : `${productVersion}-${packageVersion}`;
  for (const part of [...(text.toLowerCase().match(/\d+|[a-z]+|-/g) ?? []), "final"]) {
    const name = renamed[part] ?? part;
    if (/^\d/.test(name)) {
      key.push(name.padStart(8, "0"));
      continue;
    }
    const word = `*${name}`;
    if (word < "*final") while (key.at(-1) === "*final-") key.pop();
    while (key.at(-1) === "00000000") key.pop();
    key.push(word);
  }
  return key;
}
