import { isIP } from "node:net";
import { exploded } from "./networks.ts";

/**
 * How one kind of option is read. `parse` gets a text from a file, the environment or the command line and throws an
 * Error that says what would be right. A `flag` needs no value on the command line, a `list` takes several.
 */
export interface Kind<T> {
  readonly shape: "value" | "flag" | "list";
  readonly placeholder: string;
  parse(text: string): T;
}

export const text: Kind<string> = { shape: "value", placeholder: "TEXT", parse: (value) => value };

export const boolean: Kind<boolean> = {
  shape: "flag",
  placeholder: "true|false",
  parse(value) {
    const lower = value.trim().toLowerCase();
    if (["true", "yes", "y", "1", "on"].includes(lower)) return true;
    if (["false", "no", "n", "0", "off", ""].includes(lower)) return false;
    throw new Error(`'${value}' is neither true nor false`);
  },
};

export function integer(least: number, greatest = Number.MAX_SAFE_INTEGER): Kind<number> {
  return {
    shape: "value",
    placeholder: "NUMBER",
    parse(value) {
      const number = /^-?\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
      if (number >= least && number <= greatest) return number;
      const range = greatest === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${greatest}`;
      throw new Error(`'${value}' is not a whole number (${range})`);
    },
  };
}

export const decimal: Kind<number> = {
  shape: "value",
  placeholder: "NUMBER",
  parse(value) {
    const number = value.trim() === "" ? Number.NaN : Number(value);
    if (Number.isFinite(number) && number >= 0) return number;
    throw new Error(`'${value}' is not a number (0 or more)`);
  },
};

export function choice<const C extends string>(...choices: readonly C[]): Kind<C> {
  return {
    shape: "value",
    placeholder: choices.join("|"),
    parse(value) {
      const found = choices.find((one) => one.toLowerCase() === value.trim().toLowerCase());
      if (found !== undefined) return found;
      throw new Error(`'${value}' is none of ${choices.join(", ")}`);
    },
  };
}

/** `[a, b]` or `a, b` or blank-separated; quotes around entries are dropped. */
export const list: Kind<readonly string[]> = {
  shape: "list",
  placeholder: "TEXT...",
  parse(value) {
    const inner = /^\s*\[(.*)\]\s*$/s.exec(value)?.[1] ?? value;
    const entries = inner.split(/[,\s]+/).map((entry) => entry.replace(/^(["'])(.*)\1$/, "$2"));
    return entries.filter((entry) => entry !== "");
  },
};

/** A list of some of the choices. */
export function some<const C extends string>(...choices: readonly C[]): Kind<readonly C[]> {
  return {
    shape: "list",
    placeholder: choices.join("|"),
    parse: (value) => list.parse(value).map((entry) => choice(...choices).parse(entry)),
  };
}

/** Networks in CIDR form; a bare address is a network of one. */
export const networks: Kind<readonly string[]> = {
  shape: "list",
  placeholder: "NETWORK...",
  parse: (value) => list.parse(value).map(network),
};

export const addresses: Kind<readonly string[]> = {
  shape: "list",
  placeholder: "ADDRESS...",
  parse(value) {
    const entries = list.parse(value);
    const wrong = entries.find((entry) => isIP(entry) === 0);
    if (wrong !== undefined) throw new Error(`'${wrong}' is not an IP address`);
    return entries;
  },
};

/** Addresses that may still connect in maintenance mode; null = no maintenance, empty = nobody but this machine. */
export const maintenance: Kind<readonly string[] | null> = {
  shape: "list",
  placeholder: "NETWORK...",
  parse(value) {
    const lower = value.trim().toLowerCase();
    if (lower === "" || lower === "true") return [];
    return lower === "false" ? null : networks.parse(value);
  },
};

function network(value: string): string {
  const [address = "", bits, ...more] = value.split("/");
  const version = isIP(address);
  const greatest = version === 4 ? 32 : 128;
  const length = bits === undefined ? greatest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === 0 || more.length > 0 || !(length <= greatest)) {
    throw new Error(`'${value}' is not a network, e.g. 10.1.0.0/16 or fd00::/8`);
  }
  if (hasHostBits(address, length)) {
    throw new Error(`'${value}' has more bits set than its length, e.g. 10.1.0.0/16 and not 10.1.2.3/16`);
  }
  return `${address}/${length}`;
}

function hasHostBits(address: string, length: number): boolean {
  const isV4 = isIP(address) === 4;
  const digits = isV4
    ? address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))
    : exploded(new URL(`http://[${address}]/`).hostname.slice(1, -1)).split(":");
  const free = BigInt((isV4 ? 32 : 128) - length);
  return (BigInt(`0x${digits.join("")}`) & ((1n << free) - 1n)) !== 0n;
}
