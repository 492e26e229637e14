import type { HardwareTypes, OpsiObject } from "@opsi-ts/model";
import { decodeText } from "../../configuration/decode-text.ts";
import { changeConfigFile, readConfigFile } from "./config-file.ts";
import { type Change, Contents } from "./contents.ts";
import { checkFurtherObjects, furtherObjects, readFurtherObjects } from "./further-objects.ts";
import { changeGroupFile, readGroupFile } from "./group-file.ts";
import { readHardwareFile, replaceHardware } from "./hardware-file.ts";
import { changeHostFile, prepareTemplate, readHostFile } from "./host-file.ts";
import { IniDocument } from "./ini-document.ts";
import { changeProductFile, readProductFile } from "./product-file.ts";
import type { FileKind, SiteFile } from "./site-tree.ts";
import { changeSoftwareFile, readSoftwareFile } from "./software-file.ts";

/** What one needs to know besides a file to understand it. */
export interface Surroundings {
  readonly hardware: HardwareTypes;
  /** The depot that is the config server: the files do not say it. (storage 5.4) */
  readonly configserverId: string;
  /** Host keys by id. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Files whose objects are written all at once: single ones cannot be told apart in them. */
export const writtenWhole: ReadonlySet<FileKind> = new Set(["hardware", "hostHardware", "furtherObjects"]);

const parse = (bytes: Uint8Array, { path, kind }: SiteFile) =>
  IniDocument.parse(decodeText(bytes, path), path, { foldsSections: /software|hardware/i.test(kind) });

/**
 * The objects of one file. (storage 5.3, 5.5, 5.6)
 *
 * @throws BackendIOError for what is no text
 */
export async function readFormat(bytes: Uint8Array, file: SiteFile, surroundings: Surroundings): Promise<Contents> {
  const { kind, hostId, path } = file;
  if (kind === "product" || kind === "furtherObjects") {
    const contents = new Contents(path);
    const text = decodeText(bytes, path);
    if (kind === "product") readProductFile(text, contents);
    else readFurtherObjects(text, contents);
    return contents;
  }
  const document = await parse(bytes, file);
  const contents = new Contents(path, document.problems);
  switch (kind) {
    case "client":
    case "depot":
      readHostFile(document, file, surroundings, contents);
      break;
    case "configs":
      readConfigFile(document, contents);
      break;
    case "hostGroups":
    case "productGroups":
      readGroupFile(document, kind, contents);
      break;
    case "software":
    case "clientSoftware":
      await readSoftwareFile(document, hostId, contents);
      break;
    case "hardware":
    case "hostHardware":
      await readHardwareFile(document, hostId, surroundings.hardware, contents);
      break;
    case "hostKeys":
      throw new Error("Keys are no objects");
    default:
      kind satisfies never;
  }
  return contents;
}

/**
 * The text of a file after changes, null when it is to be removed.
 *
 * @param bytes what the file holds, null when it is made
 * @param changes for the kinds of `writtenWhole` all objects
 */
export async function changeFormat(
  bytes: Uint8Array | null,
  file: SiteFile,
  changes: readonly Change[],
  { hardware }: Pick<Surroundings, "hardware">,
): Promise<string | null> {
  const { kind, hostId, path } = file;
  if (kind === "furtherObjects") {
    if (bytes) checkFurtherObjects(decodeText(bytes, path), path);
    return furtherObjects(objectsOf(changes));
  }
  if (kind === "product") return changeProductFile(bytes && decodeText(bytes, path), changes);
  if (changes.some(({ prefix, object }) => prefix === "host" && object === null)) return null;
  const document = await parse(bytes ?? new Uint8Array(), file);
  switch (kind) {
    case "client":
    case "depot":
      changeHostFile(document, kind, changes);
      break;
    case "configs":
      changeConfigFile(document, changes);
      break;
    case "hostGroups":
    case "productGroups":
      changeGroupFile(document, changes);
      break;
    case "software":
    case "clientSoftware":
      await changeSoftwareFile(document, hostId, changes);
      break;
    case "hardware":
    case "hostHardware":
      await replaceHardware(document, hostId, hardware, objectsOf(changes));
      break;
    case "hostKeys":
      throw new Error("Keys are no objects");
    default:
      kind satisfies never;
  }
  return document.toString();
}

const objectsOf = (changes: readonly Change[]): OpsiObject[] =>
  changes.map(({ object }) => object).filter((object) => object !== null);

/** What a new client gets from its template: all but the host itself. (storage 5.4) */
export async function clientFromTemplate(bytes: Uint8Array, path: string): Promise<string> {
  const document = await IniDocument.parse(decodeText(bytes, path), path);
  prepareTemplate(document);
  return document.toString();
}
