/**
 * An INI file as text that is patched, so that order, comments and blank lines of people survive. Names of sections
 * and options are compared without case. (agent §2.1)
 */
export class IniFile {
  #lines: string[];

  constructor(text: string) {
    this.#lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
    if (this.#lines.at(-1) === "") this.#lines.pop();
  }

  /** All options in the order of the file, names in lower case; the last of equal names counts. */
  sections(): Map<string, Map<string, string>> {
    const sections = new Map<string, Map<string, string>>();
    for (const { section, option, value } of this.#options()) {
      const options = sections.get(section) ?? new Map<string, string>();
      sections.set(section, options.set(option, value));
    }
    for (const line of this.#lines) {
      const section = sectionOf(line);
      if (section !== null && !sections.has(section)) sections.set(section, new Map());
    }
    return sections;
  }

  /** Changes the option where it stands, of equal names the last, which counts; else adds it at the end of its section, else adds the section. */
  set(section: string, option: string, value: string): void {
    // A value from the network must not become a line, or a section, of its own.
    const safe = value.replaceAll(/[\r\n\0]+/g, " ").trim();
    const line = `${option} = ${safe}`;
    let last: number | null = null;
    let at: number | null = null;
    let current = "";
    for (const [index, text] of this.#lines.entries()) {
      current = sectionOf(text) ?? current;
      if (current !== section) continue;
      const found = optionOf(text);
      if (found?.option === option) at = index;
      if (found !== null || sectionOf(text) !== null) last = index;
    }
    if (at !== null) {
      if (optionOf(this.#lines[at] ?? "")?.value !== safe) this.#lines[at] = line;
      return;
    }
    if (last !== null) {
      this.#lines.splice(last + 1, 0, line);
      return;
    }
    if (this.#lines.length > 0) this.#lines.push("");
    this.#lines.push(`[${section}]`, line);
  }

  /** Removes all options for which the rule says no; comments stay. */
  keepOnly(wanted: (section: string, option: string) => boolean): void {
    let section = "";
    this.#lines = this.#lines.filter((line) => {
      section = sectionOf(line) ?? section;
      const option = optionOf(line)?.option;
      return option === undefined || wanted(section, option);
    });
  }

  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  *#options(): Generator<{ section: string; option: string; value: string }> {
    let section = "";
    for (const line of this.#lines) {
      section = sectionOf(line) ?? section;
      const option = optionOf(line);
      if (option !== null && section !== "") yield { section, ...option };
    }
  }
}

function sectionOf(line: string): string | null {
  const name = /^\s*\[([^\]]*)\]\s*$/.exec(line)?.[1];
  return name === undefined ? null : name.trim().toLowerCase();
}

function optionOf(line: string): { option: string; value: string } | null {
  if (/^\s*([#;[]|$)/.test(line)) return null;
  const [, option, value] = /^\s*([^=:]+?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
  return option === undefined || value === undefined ? null : { option: option.toLowerCase(), value };
}
