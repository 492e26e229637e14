import { equalIgnoringCase, trim, trimEnd } from "../text/bytes.ts";

/** One line of a hosts file; `entry` is `null` for comments, and lines that are not changed stay as they are. */
interface HostsLine {
  text: string;
  entry: HostsEntry | null;
}

interface HostsEntry {
  address: string;
  name: string;
  /** Raw text of the aliases. */
  aliases: string;
  comment: string;
}

const words = (text: string) => text.split(/[ \t]+/).filter((word) => word !== "");

function parse(text: string): HostsEntry | null {
  const at = text.indexOf("#");
  const content = at < 0 ? text : text.slice(0, at);
  const found = /^[ \t]*([^ \t]+)[ \t]+([^ \t]+)[ \t]*(.*)$/s.exec(content);
  if (!found) return null;
  const [, address = "", name = "", aliases = ""] = found;
  return { address, name, aliases, comment: at < 0 ? "" : trim(text.slice(at + 1)) };
}

/** `ip TAB name TAB aliases TAB # comment` (sections §4). */
function render({ address, name, aliases, comment }: HostsEntry): string {
  if (comment !== "") return `${address}\t${name}\t${aliases}\t# ${comment}`;
  if (aliases === "") return `${address}\t${name}`;
  return `${address}\t${name}${aliases.startsWith("\t") ? "" : "\t"}${trimEnd(aliases)}`;
}

export class HostsFile {
  readonly #lines: HostsLine[];

  constructor(lines: readonly string[]) {
    this.#lines = lines.map((text) => ({ text, entry: parse(text) }));
  }

  get lines(): string[] {
    return this.#lines.map(({ text }) => text);
  }

  #find(matches: (entry: HostsEntry) => boolean): (HostsLine & { entry: HostsEntry }) | undefined {
    return this.#lines.find(
      (line): line is HostsLine & { entry: HostsEntry } => line.entry !== null && matches(line.entry),
    );
  }

  /** By address, name or alias. */
  #identify(ident: string) {
    return (
      this.#find(({ address }) => address === ident) ??
      this.#find(({ name }) => equalIgnoringCase(name, ident)) ??
      this.#find(({ aliases }) => words(aliases).some((alias) => equalIgnoringCase(alias, ident)))
    );
  }

  nameOf(address: string): string {
    return this.#find((entry) => entry.address === address)?.entry.name ?? "";
  }

  addressOf(name: string): string {
    return this.#identify(name)?.entry.address ?? "";
  }

  #change(line: HostsLine & { entry: HostsEntry }, changed: Partial<HostsEntry>): void {
    Object.assign(line.entry, changed);
    line.text = render(line.entry);
  }

  setAddress(name: string, address: string): void {
    const line = this.#find((entry) => equalIgnoringCase(entry.name, name));
    if (line) this.#change(line, { address, name });
    else this.#add({ address, name, aliases: "", comment: "" });
  }

  setName(address: string, name: string): void {
    const line = this.#find((entry) => entry.address === address);
    if (line) this.#change(line, { name });
    else this.#add({ address, name, aliases: "", comment: "" });
  }

  #add(entry: HostsEntry): void {
    this.#lines.push({ text: render(entry), entry });
  }

  /** False when there is no such host. */
  setAlias(ident: string, alias: string): boolean {
    const line = this.#identify(ident);
    if (!line) return false;
    if (words(line.entry.aliases).some((known) => equalIgnoringCase(known, alias))) return true;
    this.#change(line, { aliases: `${line.entry.aliases}\t${alias}` });
    return true;
  }

  deleteAlias(ident: string, alias: string): boolean {
    const line = this.#identify(ident);
    if (!line) return false;
    const aliases = words(line.entry.aliases).filter((known) => !equalIgnoringCase(known, alias));
    this.#change(line, { aliases: aliases.join(" ") });
    return true;
  }

  deleteHost(ident: string): boolean {
    const line = this.#identify(ident);
    if (!line) return false;
    this.#lines.splice(this.#lines.indexOf(line), 1);
    return true;
  }

  setComment(ident: string, comment: string): boolean {
    const line = this.#identify(ident);
    if (!line) return false;
    this.#change(line, { comment, aliases: trimEnd(line.entry.aliases) });
    return true;
  }
}
