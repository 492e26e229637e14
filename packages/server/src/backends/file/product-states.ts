import { fromHash, ProductOnClient, ProductOnDepot } from "@opsi-ts/model";
import type { Change, Contents } from "./contents.ts";
import type { IniDocument } from "./ini-document.ts";
import { inSection, type OptionMap, readOptions, writeOptions } from "./option-map.ts";

/*
 * The sections `[PRODUCT-state]` of clients and depots, and the lists of statuses and requests of clients.
 * (storage 5.3, 5.4)
 */

const ending = "-state";

const depotOptions = (section: string): OptionMap =>
  inSection(section, "productType productVersion packageVersion locked");

const clientOptions = (section: string): OptionMap =>
  inSection(
    section,
    "productType actionProgress productVersion packageVersion modificationTime lastAction actionResult targetConfiguration",
  );

/** The newer names first. */
const statusSections: Readonly<Record<string, readonly [string, string]>> = {
  LocalbootProduct: ["localboot_product_states", "LocalbootProduct_product_states"],
  NetbootProduct: ["netboot_product_states", "NetbootProduct_product_states"],
};

function* productSections(document: IniDocument): Iterable<[section: string, productId: string]> {
  for (const section of document.sections) {
    if (section.endsWith(ending)) yield [section, section.slice(0, -ending.length)];
  }
}

export function readProductsOnDepot(document: IniDocument, depotId: string, contents: Contents): void {
  for (const [section, productId] of productSections(document)) {
    contents.add(document.lineOf(section, "producttype"), () =>
      fromHash(ProductOnDepot, { ...readOptions(document, ProductOnDepot, depotOptions(section)), productId, depotId }),
    );
  }
}

export function changeProductOnDepot(document: IniDocument, { ident, object }: Change): void {
  const section = document.sectionNamed(`${String(ident["productId"])}${ending}`);
  if (object) {
    writeOptions(document, object, depotOptions(section));
    return;
  }
  // Another version may have taken the place: the file holds one. (storage 10)
  const isThisOne = ["productVersion", "packageVersion"].every(
    (name) => document.text(section, name.toLowerCase()) === ident[name],
  );
  if (isThisOne) document.removeSection(section);
}

export function readProductsOnClient(document: IniDocument, clientId: string, contents: Contents): void {
  for (const [section, productId] of productSections(document)) {
    contents.add(document.lineOf(section, "producttype"), () => {
      const state = readOptions(document, ProductOnClient, clientOptions(section));
      return fromHash(ProductOnClient, {
        ...state,
        ...readStatus(document, String(state["productType"]), productId),
        productId,
        clientId,
      });
    });
  }
}

/** `installed:setup`; without colon there is no request, without anything the product was never there. */
function readStatus(document: IniDocument, productType: string, productId: string) {
  const texts = statusSections[productType]?.map((section) => document.text(section, productId)) ?? [];
  const [status = "", request = ""] = (texts.find((text) => text !== null) ?? "").split(":");
  return { installationStatus: status.trim() || "not_installed", actionRequest: request.trim() || "none" };
}

export function changeProductOnClient(document: IniDocument, { ident, object }: Change): void {
  const productId = String(ident["productId"]);
  const section = document.sectionNamed(`${productId}${ending}`);
  if (!object) {
    // A product that became another type has the same section. (objects 4.1)
    if (document.text(section, "producttype") !== ident["productType"]) return;
    document.removeSection(section);
  } else {
    writeOptions(document, object, clientOptions(section));
  }
  for (const [type, [current, former]] of Object.entries(statusSections)) {
    document.remove(former, productId);
    if (type === object?.["productType"]) {
      document.setText(
        current,
        productId,
        `${String(object["installationStatus"])}:${String(object["actionRequest"])}`,
      );
    } else document.remove(current, productId);
  }
}
