import { existsSync } from "node:fs";
import { join } from "node:path";
import { fromHash, OpsiError, type OpsiObject, objectTypeOf, rule } from "@opsi-ts/model";
import { systemErrorText } from "../depot/system-error.ts";
import { readWim, type WimImage } from "../depot/windows/wim.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { productProperties, products, productsOnDepots } from "./families.ts";
import { sitePath, withSitePaths } from "./site-path.ts";

const languageProperties = ["system_language", "winpe_uilanguage", "winpe_uilanguage_fallback"];

/** The property in the version that this depot has. @throws RuntimeError */
async function findProperty({ objects, site }: Call, productId: string, propertyId: string): Promise<OpsiObject> {
  const found = await objects.read(productProperties, [], { productId, propertyId });
  const [onDepot] = await objects.read(productsOnDepots, [], { productId, depotId: site.hostId });
  const property = found.find(
    ({ productVersion, packageVersion }) =>
      found.length === 1 ||
      (productVersion === onDepot?.["productVersion"] && packageVersion === onDepot?.["packageVersion"]),
  );
  if (property) return property;
  throw new OpsiError("RuntimeError", `Property '${propertyId}' not found for product '${productId}'`);
}

/** Offers the values; the default stays where it is one of them. */
function withChoices(property: OpsiObject, possibleValues: readonly string[], otherwise: string | null): OpsiObject {
  const [kept] = Array.isArray(property["defaultValues"]) ? property["defaultValues"] : [];
  const isPossible = typeof kept === "string" && possibleValues.includes(kept);
  const defaultValue = isPossible ? kept : otherwise;
  return fromHash(objectTypeOf(property), {
    ...property,
    possibleValues,
    defaultValues: defaultValue === null ? property["defaultValues"] : [defaultValue],
  });
}

async function images(path: string): Promise<WimImage[]> {
  try {
    return await readWim(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new OpsiError("FileNotFoundError", systemErrorText(error, path), { cause: error });
  }
}

/** Offers the images of a file, and their languages, as values of a product's properties. (methods 12.2) */
async function updateFromPath(call: Call, path: string, productId: string): Promise<void> {
  const found = await images(path);
  const names = found.map(({ name }) => name);
  const [firstName] = names;
  if (firstName === undefined) throw new OpsiError("ValueError", `There is no image in '${path}'`);
  const changed = [withChoices(await findProperty(call, productId, "imagename"), names, firstName)];
  const languages = [...new Set(found.flatMap(({ windows }) => windows?.languages ?? []))];
  if (languages.length > 0) {
    const defaults = new Set(found.flatMap(({ windows }) => windows?.defaultLanguage ?? []));
    const [only = null] = defaults.size === 1 ? defaults : [];
    const chosen = only !== null && languages.includes(only) ? only : null;
    for (const propertyId of languageProperties) {
      const property = await findProperty(call, productId, propertyId);
      const offered = withChoices(property, languages, chosen);
      changed.push(
        chosen === null ? offered : fromHash(objectTypeOf(property), { ...offered, defaultValues: [chosen] }),
      );
    }
  }
  // With the caller's rights; the original asks for none.
  await call.objects.write(productProperties, changed, "insert", "createObjects");
}

async function updateConfig(call: Call, given: unknown): Promise<void> {
  const productId = rule.productId.coerce(given);
  const { objects, site } = call;
  if ((await objects.read(products, [], { id: productId })).length === 0) {
    throw new OpsiError("BackendMissingDataError", `No product with ID '${productId}'`, { field: "productId" });
  }
  const depotId = site.hostId;
  if ((await objects.read(productsOnDepots, [], { productId, depotId })).length === 0) {
    throw new OpsiError("BackendMissingDataError", `No product '${productId}' on '${depotId}'`, { field: "productId" });
  }
  const folder = join(site.folders.depot, productId, "installfiles", "sources");
  const path = ["install.wim", "install.esd"].map((name) => join(folder, name)).find((file) => existsSync(file));
  if (path === undefined) throw new OpsiError("OSError", `Unable to find install.wim / install.esd in '${folder}'`);
  await updateFromPath(call, path, productId);
}

export const imageMethods: readonly Method[] = [
  {
    name: "updateWIMConfig",
    doc: "Offers the images of a product's installation files as values of its properties.",
    parameters: parameters("productId"),
    access: "objects",
    run: async (call, productId) => {
      await withSitePaths(call, () => updateConfig(call, productId));
      return null;
    },
  },
  {
    name: "updateWIMConfigFromPath",
    doc: "Offers the images of a file as values of a product's properties.",
    parameters: parameters("path targetProductId"),
    access: "objects",
    run: async (call, path, productId) => {
      if (!productId) return null;
      const id = rule.productId.coerce(productId);
      // Before the file is looked at: who may not change the properties learns nothing about files.
      call.access.check("productProperty_createObjects", call.session);
      const file = sitePath(call, rule.string.coerce(path));
      await withSitePaths(call, () => updateFromPath(call, file, id));
      return null;
    },
  },
];
