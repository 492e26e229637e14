import { Chance } from "./chance.ts";
import { productOf, type SiteProduct, siteProducts } from "./site-products.ts";

export interface SiteSizes {
  readonly clients: number;
  readonly products: number;
  readonly productsPerClient: number;
  readonly configs: number;
  readonly configStatesPerClient: number;
}

export interface SiteOptions extends SiteSizes {
  readonly seed: number;
  /** Behind the names of clients: `example.org`. */
  readonly domain: string;
  /** Depots that get the products; the clients are spread over them. */
  readonly depotIds: readonly [string, ...string[]];
}

/** Objects as they go over the wire, all of one family, and the method prefix of this family. */
export interface ObjectBatch {
  readonly prefix: string;
  readonly objects: readonly Readonly<Record<string, unknown>>[];
}

const places = ["berlin", "kiel", "mainz", "jena", "ulm", "bonn", "graz", "basel"] as const;
const departments = ["office", "lab", "sales", "school", "plant", "dev"] as const;

/** Clients whose objects are made and sent together. */
export const clientsAtOnce = 50;

/**
 * A site of any size as large sites have it, always the same for the same options. Nothing is kept in memory but the
 * list of products, and every block of clients can be made without those before it.
 */
export class GeneratedSite {
  readonly #options: SiteOptions;
  readonly #chance: Chance;
  readonly #products: readonly SiteProduct[];

  constructor(options: SiteOptions) {
    this.#options = options;
    this.#chance = new Chance(options.seed);
    this.#products = siteProducts(options.products, this.#chance);
  }

  /** What there is before the clients: products, what the depots have of them, configs, groups. */
  *foundation(): Generator<ObjectBatch> {
    const { depotIds, configs } = this.#options;
    yield { prefix: "product", objects: this.#products.map(({ product }) => product) };
    yield { prefix: "productDependency", objects: this.#products.flatMap(({ dependencies }) => dependencies) };
    yield { prefix: "productProperty", objects: this.#products.flatMap(({ properties }) => properties) };
    for (const depotId of depotIds) {
      const objects = this.#products.map((one) => ({ type: "ProductOnDepot", ...productOf(one), depotId }));
      yield { prefix: "productOnDepot", objects };
    }
    yield { prefix: "config", objects: Array.from({ length: configs }, (_, number) => this.#config(number)) };
    yield { prefix: "group", objects: this.#groups() };
  }

  get clientBlocks(): number {
    return Math.ceil(this.#options.clients / clientsAtOnce);
  }

  clientIds(block: number): string[] {
    const first = block * clientsAtOnce;
    const count = Math.min(clientsAtOnce, this.#options.clients - first);
    return Array.from({ length: Math.max(0, count) }, (_, index) => this.#clientId(first + index));
  }

  /** The clients of a block. Their groups come last: a client that is in its group has everything. */
  *clients(block: number): Generator<ObjectBatch> {
    const ids = this.clientIds(block);
    const first = block * clientsAtOnce;
    yield { prefix: "host", objects: ids.map((id, index) => this.#client(id, first + index)) };
    yield { prefix: "productOnClient", objects: ids.flatMap((id) => this.#productsOf(id)) };
    yield { prefix: "configState", objects: ids.flatMap((id, index) => this.#configStatesOf(id, first + index)) };
    yield { prefix: "objectToGroup", objects: ids.map((id, index) => this.#membership(id, first + index)) };
  }

  #groupOf(number: number): string {
    return `gen-${this.#room(number)}`;
  }

  #room(number: number): string {
    return `${this.#chance.pick(places, "place", number)}-${this.#chance.pick(departments, "department", number)}`;
  }

  #clientId(number: number): string {
    return `${this.#room(number)}-${String(number + 1).padStart(5, "0")}.${this.#options.domain}`;
  }

  #groups() {
    const parents = places.map((place) => ({
      type: "HostGroup",
      id: `gen-${place}`,
      description: `Standort ${place}`,
    }));
    const parts = places.flatMap((place) =>
      departments.map((name) => ({ type: "HostGroup", id: `gen-${place}-${name}`, parentGroupId: `gen-${place}` })),
    );
    return [...parents, ...parts];
  }

  #membership(objectId: string, number: number) {
    return { type: "ObjectToGroup", groupType: "HostGroup", groupId: this.#groupOf(number), objectId };
  }

  /** Its key is made by whoever stores it: one that follows from a seed would be known to everybody. */
  #client(id: string, number: number) {
    const bytes = [number >>> 16, number >>> 8, number].map((byte) => (byte & 255).toString(16).padStart(2, "0"));
    return {
      ...{ type: "OpsiClient", id, hardwareAddress: `02:00:00:${bytes.join(":")}` },
      ...{ description: `Arbeitsplatz ${number + 1}`, inventoryNumber: `INV-${100_000 + number}` },
      notes: this.#chance.share("notes", number) < 0.1 ? "Gerät für Gäste\nRaum nur mit Schlüssel" : "",
      ...{ created: this.#time("created", number), lastSeen: this.#time("seen", number) },
    };
  }

  #time(...names: readonly (string | number)[]): string {
    const seconds = Date.UTC(2024, 0, 1) / 1000 + this.#chance.below(2 * 365 * 86_400, ...names);
    return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
  }

  /** A run of the list of products, so that clients differ and dependencies mostly are among them. */
  #productsOf(clientId: string) {
    const { productsPerClient } = this.#options;
    const count = Math.min(productsPerClient, this.#products.length);
    const start = this.#chance.below(this.#products.length - count + 1, clientId, "products");
    return this.#products.slice(start, start + count).map((one) => this.#productOnClient(clientId, one));
  }

  #productOnClient(clientId: string, one: SiteProduct) {
    const { productId, productType, productVersion, packageVersion } = productOf(one);
    const ident = { type: "ProductOnClient", productId, productType, clientId };
    const state = this.#chance.share(clientId, productId, "state");
    const modificationTime = this.#time(clientId, productId);
    if (state < 0.2) return { ...ident, installationStatus: "not_installed", actionRequest: "none", modificationTime };
    const installed = { installationStatus: "installed", packageVersion, modificationTime };
    if (state < 0.22) return { ...ident, ...installed, productVersion: "0.9", actionRequest: "setup" };
    const done = { lastAction: "setup", actionResult: "successful", actionProgress: "" };
    return { ...ident, ...installed, ...done, productVersion, actionRequest: "none" };
  }

  #configId(number: number): string {
    const part = departments[number % departments.length] ?? departments[0];
    return `generated.${part}.setting_${String(number + 1).padStart(3, "0")}`;
  }

  #config(number: number) {
    const id = this.#configId(number);
    const description = `Einstellung ${number + 1}`;
    if (number % 3 === 0) return { type: "BoolConfig", id, description, defaultValues: [number % 2 === 0] };
    const possibleValues = ["low", "medium", "high", `https://intranet.${this.#options.domain}/${number}`];
    return { type: "UnicodeConfig", id, description, possibleValues, defaultValues: ["medium"], editable: true };
  }

  /** The first one says which depot serves the client. */
  #configStatesOf(objectId: string, number: number) {
    const { configStatesPerClient, configs, depotIds } = this.#options;
    if (configStatesPerClient === 0) return [];
    const depotId = depotIds[number % depotIds.length];
    const depot = { type: "ConfigState", configId: "clientconfig.depot.id", objectId, values: [depotId] };
    const count = Math.min(configStatesPerClient - 1, configs);
    const others = Array.from({ length: count }, (_, index) => ({
      ...{ type: "ConfigState", configId: this.#configId(index), objectId },
      values: index % 3 === 0 ? [number % 2 === 1] : [this.#chance.pick(["low", "high"], objectId, index)],
    }));
    return [depot, ...others];
  }
}
