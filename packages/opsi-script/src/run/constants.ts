import { replaceIgnoringCase } from "../text/bytes.ts";

/**
 * The `%Name%` macros. They are replaced as text, in list order, one pass each, without regard to words (language
 * §1.6).
 */
export class Constants {
  /** Values by lower-case name, in the order of replacement. */
  readonly #values = new Map<string, { readonly pattern: string; value: string | (() => string) }>();
  readonly #replaced = new Map<string, string>();

  /** A function is called when the constant is first met: some values need other programs. */
  set(name: string, value: string | (() => string)): void {
    this.#values.set(name.toLowerCase(), { pattern: `%${name}%`, value });
    this.#replaced.clear();
  }

  get(name: string): string | undefined {
    const entry = this.#values.get(name.toLowerCase());
    if (entry && typeof entry.value === "function") entry.value = entry.value();
    return entry?.value as string | undefined;
  }

  /** Replaces every constant; remembered by text, because the same lines come again and again. */
  replace(text: string): string {
    const first = text.indexOf("%");
    if (first < 0 || text.indexOf("%", first + 1) < 0) return text;
    const known = this.#replaced.get(text);
    if (known !== undefined) return known;
    let result = text;
    let lower = text.toLowerCase();
    for (const [key, { pattern }] of this.#values) {
      if (!lower.includes(`%${key}%`)) continue;
      result = replaceIgnoringCase(result, pattern, this.get(key) ?? "");
      lower = result.toLowerCase();
    }
    if (this.#replaced.size > 20_000) this.#replaced.clear();
    this.#replaced.set(text, result);
    return result;
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (const [key, { pattern }] of this.#values) yield [pattern, this.get(key) ?? ""];
  }
}
