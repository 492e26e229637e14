import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeDurably } from "../write-whole.ts";
import type { FoundControl } from "./control-files.ts";
import type { PackageControl } from "./package-control.ts";
import { writeIniControl } from "./write-ini-control.ts";
import { writeTomlControl } from "./write-toml-control.ts";

/**
 * Brings the other form of the control file up to date (packages 2.2 step 4): `control` beside `control.toml` always,
 * for old servers; `control.toml` beside `control` only where it exists.
 */
export async function writeSecondaryControl({ directory, name }: FoundControl, control: PackageControl): Promise<void> {
  if (name === "control.toml") await replaceFile(join(directory, "control"), writeIniControl(control));
  else if (existsSync(join(directory, "control.toml"))) await writeControlToml(directory, control);
}

/** Writes both forms, or only `control` where there is no other, after the control data were changed. */
export async function writeControl(found: FoundControl, control: PackageControl): Promise<void> {
  if (found.name === "control") await replaceFile(join(found.directory, "control"), writeIniControl(control));
  else await writeControlToml(found.directory, control);
  await writeSecondaryControl(found, control);
}

/** Writes `control.toml`, and the changelog beside it, as that form has no place for it (packages 1.6). */
export async function writeControlToml(directory: string, control: PackageControl): Promise<void> {
  await replaceFile(join(directory, "control.toml"), writeTomlControl(control));
  const changelog = control.product["changelog"];
  if (typeof changelog === "string") await replaceFile(join(directory, "changelog.txt"), changelog.trim());
}

const replaceFile = (path: string, text: string) =>
  writeDurably(path, text, { unfinished: join(dirname(path), `.${randomUUID()}`) });
