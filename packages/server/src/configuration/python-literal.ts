import { isRecord } from "./is-record.ts";
import { pythonTokens, type Token, unexpected, unquotePython } from "./python-tokens.ts";

/*
 * Old configuration files of opsi are Python: values that are assigned to names. They are read, never run.
 * (inventory 2.1, storage 3.1)
 */

const constants: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };

class Reader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #values = new Map<string, unknown>();
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = [...pythonTokens(source)];
  }

  #look(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", text: "", at: this.#source.length };
  }

  #isAt(mark: string): boolean {
    return this.#look().kind === "mark" && this.#look().text === mark;
  }

  #skip(mark: string): boolean {
    const found = this.#isAt(mark);
    if (found) this.#next += 1;
    return found;
  }

  #expect(mark: string): void {
    if (!this.#skip(mark)) throw unexpected(this.#source, this.#look());
  }

  assignments(): Map<string, unknown> {
    while (this.#look().kind !== "end") {
      if (this.#look().kind !== "line") this.#assignment();
      if (this.#look().kind === "line" || this.#isAt(";")) this.#next += 1;
      else if (this.#look().kind !== "end") throw unexpected(this.#source, this.#look());
    }
    return this.#values;
  }

  /** `NAME = value` or `NAME[key] = value`, not indented. */
  #assignment(): void {
    const { kind, text, at } = this.#look();
    const isIndented = /[^\S\n]$/.test(this.#source.slice(0, at)) && this.#tokens[this.#next - 1]?.text !== ";";
    if (kind !== "name" || isIndented) throw unexpected(this.#source, this.#look());
    this.#next += 1;
    if (!this.#skip("[")) {
      this.#expect("=");
      this.#values.set(text, this.#value());
      return;
    }
    const target = this.#values.get(text);
    const key = String(this.#value());
    this.#expect("]");
    if (!isRecord(target)) throw unexpected(this.#source, { kind, text, at });
    this.#expect("=");
    // The one that other names and lists hold, too: as in Python.
    Object.defineProperty(target, key, { value: this.#value(), enumerable: true, configurable: true, writable: true });
  }

  /** One operand, or several with `+` between them. */
  #value(): unknown {
    let value = this.#operand();
    while (this.#isAt("+")) {
      const plus = this.#look();
      this.#next += 1;
      const more = this.#operand();
      if (typeof value === "string" && typeof more === "string") value += more;
      else if (typeof value === "number" && typeof more === "number") value += more;
      else if (Array.isArray(value) && Array.isArray(more)) value = [...value, ...more];
      else throw unexpected(this.#source, plus);
    }
    return value;
  }

  #operand(): unknown {
    const token = this.#look();
    this.#next += 1;
    const { kind, text } = token;
    if (kind === "number") return Number(text.replaceAll("_", ""));
    if (kind === "text") return this.#text(text);
    if (kind === "name" && Object.hasOwn(constants, text)) return constants[text];
    if (kind === "name" && this.#values.has(text)) return this.#values.get(text);
    if (kind === "name" && text === "dict" && this.#skip("(")) return this.#keywords();
    if (kind === "mark" && (text === "-" || text === "+") && this.#look().kind === "number") {
      return Number(this.#operand()) * (text === "-" ? -1 : 1);
    }
    if (kind === "mark" && text === "[") return this.#list("]");
    if (kind === "mark" && text === "(") return this.#parenthesis();
    if (kind === "mark" && text === "{") return this.#dictionary();
    throw unexpected(this.#source, token);
  }

  /** Texts side by side are one; bytes become a text by `.decode()`. */
  #text(first: string): string {
    let value = unquotePython(first);
    for (; this.#look().kind === "text"; this.#next += 1) value += unquotePython(this.#look().text);
    if (!this.#skip(".")) return value;
    if (this.#look().text !== "decode" || !/^[a-zA-Z]*[bB]/.test(first)) throw unexpected(this.#source, this.#look());
    this.#next += 1;
    this.#expect("(");
    if (this.#look().kind === "text") this.#next += 1;
    this.#expect(")");
    return value;
  }

  #list(end: string): unknown[] {
    const items: unknown[] = [];
    while (!this.#skip(end)) {
      items.push(this.#value());
      if (!this.#isAt(end)) this.#expect(",");
    }
    return items;
  }

  /** A tuple, or one value in parentheses. */
  #parenthesis(): unknown {
    if (this.#skip(")")) return [];
    const value = this.#value();
    if (this.#skip(")")) return value;
    this.#expect(",");
    return [value, ...this.#list(")")];
  }

  #dictionary(): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    while (!this.#skip("}")) {
      const key = this.#value();
      this.#expect(":");
      entries.push([String(key), this.#value()]);
      if (!this.#isAt("}")) this.#expect(",");
    }
    return Object.fromEntries(entries);
  }

  /** What follows `dict(`. */
  #keywords(): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    while (!this.#skip(")")) {
      const { kind, text } = this.#look();
      if (kind !== "name") throw unexpected(this.#source, this.#look());
      this.#next += 1;
      this.#expect("=");
      entries.push([text, this.#value()]);
      if (!this.#isAt(")")) this.#expect(",");
    }
    return Object.fromEntries(entries);
  }
}

/**
 * The values of assignments: texts, numbers, True, False, None, lists, tuples, dictionaries, sums of them, and names
 * that were assigned before.
 *
 * @example pythonAssignments("PORT = 5").get("PORT") // 5
 * @throws BackendConfigurationError naming the line for anything else
 */
export function pythonAssignments(source: string): ReadonlyMap<string, unknown> {
  return new Reader(source).assignments();
}
