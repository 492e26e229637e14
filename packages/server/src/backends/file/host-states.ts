import { ConfigState, fromHash, ProductPropertyState } from "@opsi-ts/model";
import type { Change, Contents } from "./contents.ts";
import type { IniDocument } from "./ini-document.ts";

/*
 * Values that are set for one host: `[generalconfig]` and the sections `[PRODUCT-install]`. (storage 5.3, 5.4)
 */

const configSection = "generalconfig";
const installEnding = "-install";

export function readStates(document: IniDocument, objectId: string, contents: Contents): void {
  for (const configId of document.options(configSection)) {
    contents.add(document.lineOf(configSection, configId), () =>
      fromHash(ConfigState, { configId, objectId, values: document.json(configSection, configId) }),
    );
  }
  for (const section of document.sections) {
    if (!section.endsWith(installEnding)) continue;
    const productId = section.slice(0, -installEnding.length);
    for (const propertyId of document.options(section)) {
      contents.add(document.lineOf(section, propertyId), () =>
        fromHash(ProductPropertyState, { productId, propertyId, objectId, values: document.json(section, propertyId) }),
      );
    }
  }
}

export function changeConfigState(document: IniDocument, { ident, object }: Change): void {
  const configId = String(ident["configId"]);
  if (object) document.setJson(configSection, configId, object["values"]);
  else document.remove(configSection, configId);
}

export function changePropertyState(document: IniDocument, { ident, object }: Change): void {
  const section = document.sectionNamed(`${String(ident["productId"])}${installEnding}`);
  const propertyId = String(ident["propertyId"]);
  if (object) document.setJson(section, propertyId, object["values"]);
  else {
    document.remove(section, propertyId);
    if (document.options(section).length === 0) document.removeSection(section);
  }
}
