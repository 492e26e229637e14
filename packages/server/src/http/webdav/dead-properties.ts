/** Properties that clients set and we only keep, in memory, by file. (service 4.2: dead properties) */
export class DeadProperties {
  readonly #byPath = new Map<string, Map<string, string>>();
  #count = 0;

  /** Properties of a file: `{namespace}name` and the element as XML text. */
  of(path: string): ReadonlyMap<string, string> {
    return this.#byPath.get(path) ?? empty;
  }

  /** @returns false if so many are kept already that this one is not taken */
  set(path: string, name: string, xml: string): boolean {
    const properties = this.#byPath.get(path) ?? new Map<string, string>();
    if (!properties.has(name)) {
      if (this.#count >= greatestCount || xml.length > greatestLength) return false;
      this.#count++;
    }
    properties.set(name, xml);
    this.#byPath.set(path, properties);
    return true;
  }

  remove(path: string, name: string): void {
    const properties = this.#byPath.get(path);
    if (properties?.delete(name) === true) this.#count--;
    if (properties?.size === 0) this.#byPath.delete(path);
  }

  /** Forgets a file or a folder with everything in it. */
  removeTree(path: string): void {
    for (const [known, properties] of this.#tree(path)) {
      this.#count -= properties.size;
      this.#byPath.delete(known);
    }
  }

  /** Gives a copy the properties of its source. */
  copyTree(from: string, to: string): void {
    this.removeTree(to);
    for (const [known, properties] of this.#tree(from)) {
      for (const [name, xml] of properties) this.set(to + known.slice(from.length), name, xml);
    }
  }

  #tree(path: string): [string, Map<string, string>][] {
    return [...this.#byPath].filter(([known]) => known === path || known.startsWith(`${path}/`));
  }
}

const empty: ReadonlyMap<string, string> = new Map();
const greatestCount = 10_000;
const greatestLength = 16_384;
