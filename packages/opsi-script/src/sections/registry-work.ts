import { SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import { type Registry, type RegistryValue, type RegistryView, splitKey } from "../platform/registry.ts";
import type { Context } from "../run/context.ts";
import type { KeyMap } from "./registry-keys.ts";

/**
 * The registry as a section sees it: in one view, with keys of the section's own meaning, and one of them open. What
 * the three languages of Registry sections do, they do here, where it is logged.
 */
export class RegistryWork {
  readonly context: Context;
  readonly #registry: Registry;
  readonly #view: RegistryView;
  readonly #keys: KeyMap;
  #open: string | null = null;

  constructor(context: Context, registry: Registry, view: RegistryView, keys: KeyMap) {
    this.context = context;
    this.#registry = registry;
    this.#view = view;
    this.#keys = keys;
  }

  /** Makes the key where it is missing. */
  open(key: string): void {
    this.#open = null;
    const path = this.#meaningOf(key);
    const isNew = !this.#registry.keyExists(path, this.#view);
    if (isNew) this.#registry.createKey(path, this.#view);
    this.#open = path;
    this.#tell(isNew ? `Key ${path} created` : `Key ${path} opened`);
  }

  read(name: string): RegistryValue | null {
    return this.#registry.read(this.#opened, name, this.#view);
  }

  set(name: string, value: RegistryValue): void {
    this.#registry.write(this.#opened, name, value, this.#view);
    this.#tell(`Value "${name}" set`);
  }

  add(name: string, value: RegistryValue): void {
    if (this.read(name) === null) this.set(name, value);
    else this.#tell(`Value "${name}" is there already`);
  }

  deleteValue(name: string): void {
    const found = this.#registry.deleteValue(this.#opened, name, this.#view);
    this.#tell(found ? `Value "${name}" deleted` : `Value "${name}" is not there`);
  }

  deleteAllValues(): void {
    for (const name of this.#registry.names(this.#opened, this.#view) ?? []) this.deleteValue(name);
  }

  /** Never a root, nor all that belongs to a user. */
  deleteKey(key: string): void {
    const path = this.#meaningOf(key);
    const known = splitKey(path);
    const depth = known === null || known.path === "" ? 0 : known.path.split("\\").length;
    if (depth < (known?.root === "HKEY_USERS" ? 2 : 1)) {
      this.context.error(`${path} cannot be deleted: it is a root`);
      return;
    }
    const found = this.#registry.deleteKey(path, this.#view);
    this.#tell(found ? `Key ${path} deleted` : `Key ${path} is not there`);
  }

  flush(): void {
    this.#registry.flush(this.#opened, this.#view);
  }

  restore(file: string): void {
    this.#registry.restore(this.#opened, file, this.#view);
    this.#tell(`${this.#opened} restored from ${file}`);
  }

  copySecurityFrom(key: string): void {
    this.#registry.copySecurity(this.#meaningOf(key), this.#opened, this.#view);
  }

  get #opened(): string {
    if (this.#open === null) throw new Error("no key is open");
    return this.#open;
  }

  #meaningOf(key: string): string {
    const path = this.#keys(key);
    if (path === null || splitKey(path) === null) throw new SyntaxProblem(`Unknown root: ${key}`);
    return path;
  }

  #tell(text: string): void {
    this.context.log.write(level.info, text);
  }
}
