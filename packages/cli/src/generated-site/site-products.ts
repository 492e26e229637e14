import type { Chance } from "./chance.ts";

type Hash = Readonly<Record<string, unknown>>;

/** A product with what belongs to its version, as objects on the wire. */
export interface SiteProduct {
  readonly product: Readonly<{ id: string; type: string; productVersion: string; packageVersion: string }> & Hash;
  readonly dependencies: readonly Hash[];
  readonly properties: readonly Hash[];
}

const programs = [
  ..."firefox thunderbird libreoffice 7zip vlc gimp inkscape putty winscp notepad-plus-plus".split(" "),
  ..."java-runtime dotnet-runtime python git vscode filezilla keepass audacity blender paint-net".split(" "),
  ..."acrobat-reader office teams zoom webex citrix-client vpn-client antivirus printer-driver scanner".split(" "),
];
const kinds = ["", "-config", "-addon", "-esr", "-lts", "-viewer", "-server", "-plugin", "-language-de", "-template"];

/** The first so many products; a longer list begins with the same ones. */
export function siteProducts(count: number, chance: Chance): SiteProduct[] {
  return Array.from({ length: count }, (_, number) => siteProduct(number, chance));
}

/** What other objects say about a product: its ident and its type. */
export function productOf({ product: { id, type, productVersion, packageVersion } }: SiteProduct) {
  return { productId: id, productType: type, productVersion, packageVersion };
}

/** No product of a real site has such an id. */
function idOf(number: number): string {
  const round = Math.floor(number / (programs.length * kinds.length));
  const kind = kinds[Math.floor(number / programs.length) % kinds.length] ?? "";
  return `gen-${programs[number % programs.length]}${kind}${round === 0 ? "" : `-${round + 1}`}`;
}

function siteProduct(number: number, chance: Chance): SiteProduct {
  const id = idOf(number);
  const version = {
    productVersion: `${1 + chance.below(30, id)}.${chance.below(10, id, "minor")}`,
    packageVersion: "1",
  };
  const product = {
    ...{ type: "LocalbootProduct", id, ...version, name: id.replaceAll("-", " ") },
    description: `Installiert ${id} für alle Benutzer.`,
    ...{ setupScript: "setup.opsiscript", uninstallScript: "uninstall.opsiscript" },
    updateScript: number % 4 === 0 ? "update.opsiscript" : "",
    priority: chance.below(5, id, "priority") === 0 ? 50 - chance.below(100, id, "height") : 0,
  };
  const ident = { productId: id, ...version };
  return { product, dependencies: dependencies(ident, number, chance), properties: properties(ident, number) };
}

/** Every fifth product needs an earlier one, so that nothing needs itself in the end. */
function dependencies(ident: Hash, number: number, chance: Chance): Hash[] {
  if (number % 5 !== 4) return [];
  const requiredProductId = idOf(number - 1 - chance.below(Math.min(number, 20), String(ident["productId"]), "needs"));
  const required = { requiredProductId, requiredInstallationStatus: "installed", requirementType: "before" };
  return [{ type: "ProductDependency", ...ident, productAction: "setup", ...required }];
}

function properties(ident: Hash, number: number): Hash[] {
  const icon = { propertyId: "desktop_icon", description: "Symbol auf dem Desktop", defaultValues: [number % 2 === 0] };
  const edition = { propertyId: "edition", possibleValues: ["standard", "professional"], defaultValues: ["standard"] };
  return [
    { type: "BoolProductProperty", ...ident, ...icon },
    { type: "UnicodeProductProperty", ...ident, ...edition, editable: true, multiValue: false },
  ];
}
