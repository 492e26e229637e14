import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { writeDurably } from "@opsi-ts/opsi-package";

export interface ControlChange {
  readonly id?: string | undefined;
  readonly productVersion?: string | undefined;
  readonly packageVersion?: string | undefined;
}

/**
 * Changes values in the control files of an `OPSI` folder, whichever forms there are, and leaves every other
 * character, comments above all, as its author wrote it.
 */
export async function editControl(opsiFolder: string, change: ControlChange): Promise<void> {
  for (const [name, form] of [["control.toml", toml] as const, ["control", ini] as const]) {
    const file = join(opsiFolder, name);
    const before = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (before === null) continue;
    let after = before;
    if (change.id !== undefined) after = withValue(after, "Product", "id", change.id, form, file);
    if (change.productVersion !== undefined) {
      after = withValue(after, "Product", "version", change.productVersion, form, file);
    }
    if (change.packageVersion !== undefined) {
      after = withValue(after, "Package", "version", change.packageVersion, form, file);
    }
    if (after === before) continue;
    await writeDurably(file, after);
  }
}

interface Form {
  readonly separator: string;
  readonly quote: (value: string) => string;
}

const toml: Form = { separator: "=", quote: (value) => JSON.stringify(value) };
const ini: Form = { separator: ":", quote: (value) => value };

function withValue(text: string, section: string, key: string, value: string, form: Form, file: string): string {
  const lines = text.split(/(\r\n|\r|\n)/); // the line ends stand between them
  const header = new RegExp(`^\\s*\\[${section}\\]\\s*$`, "i");
  const assignment = new RegExp(`^\\s*${key}\\s*${form.separator}\\s*`, "i");
  const start = lines.findIndex((line) => header.test(line));
  for (let at = start + 1; start >= 0 && at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (/^\s*\[/.test(line)) break;
    const [before] = assignment.exec(line) ?? [];
    if (before === undefined) continue;
    const rest = line.slice(before.length);
    lines[at] = before + form.quote(value) + rest.slice(valueLength(rest));
    return lines.join("");
  }
  throw new OpsiError("ValueError", `${file}: section ${section} has no line '${key}'`);
}

/** Quoted, or up to a comment. */
function valueLength(text: string): number {
  const [quoted] = /^(?:"[^"]*"|'[^']*')(?=\s*(?:#|$))/.exec(text) ?? [];
  return quoted?.length ?? (text.split("#", 1)[0] ?? "").trimEnd().length;
}
