import { fromHash, OpsiClient, OpsiConfigserver, OpsiDepotserver } from "@opsi-ts/model";
import type { Change, Contents } from "./contents.ts";
import { changeConfigState, changePropertyState, readStates } from "./host-states.ts";
import type { IniDocument } from "./ini-document.ts";
import { inSection, type OptionMap, readOptions, writeOptions } from "./option-map.ts";
import {
  changeProductOnClient,
  changeProductOnDepot,
  readProductsOnClient,
  readProductsOnDepot,
} from "./product-states.ts";
import type { FileKind, SiteFile } from "./site-tree.ts";

/*
 * clients/ID.ini and depots/ID.ini: a host and all that is set for it. (storage 5.3) The key stands in pckeys.
 */

/** `systemuuid` is ours: the original leaves it out. */
const clientOptions: OptionMap = inSection(
  "info",
  "oneTimePassword description notes hardwareAddress ipAddress inventoryNumber created lastSeen systemUUID",
);

const depotOptions: OptionMap = {
  ...inSection("depotserver", "description notes hardwareAddress ipAddress inventoryNumber masterDepotId systemUUID", {
    networkAddress: "network",
  }),
  isMasterDepot: { section: "depotserver", option: "ismasterdepot", json: true },
  depotRemoteUrl: { section: "depotshare", option: "remoteurl" },
  depotWebdavUrl: { section: "depotshare", option: "webdavurl" },
  depotLocalUrl: { section: "depotshare", option: "localurl" },
  repositoryRemoteUrl: { section: "repository", option: "remoteurl" },
  repositoryLocalUrl: { section: "repository", option: "localurl" },
  maxBandwidth: { section: "repository", option: "maxbandwidth" },
  workbenchLocalUrl: { section: "workbench", option: "localurl" },
  workbenchRemoteUrl: { section: "workbench", option: "remoteurl" },
};

/** Sections that no template may bring along. (storage 5.4) */
const hostSections = ["info", "depotserver", "depotshare", "repository"];

/** @param keys host keys by id */
export function readHostFile(
  document: IniDocument,
  { kind, hostId }: SiteFile,
  { configserverId, keys }: { configserverId: string; keys: ReadonlyMap<string, string> },
  contents: Contents,
): void {
  const fixed = { id: hostId, opsiHostKey: keys.get(hostId) ?? null };
  if (kind === "client") {
    contents.add(0, () => fromHash(OpsiClient, { ...readOptions(document, OpsiClient, clientOptions), ...fixed }));
    readProductsOnClient(document, hostId, contents);
  } else {
    const type = hostId === configserverId ? OpsiConfigserver : OpsiDepotserver;
    contents.add(0, () => fromHash(type, { ...readOptions(document, type, depotOptions), ...fixed }));
    readProductsOnDepot(document, hostId, contents);
  }
  readStates(document, hostId, contents);
}

/** The type that a file of this kind stands for. */
export function hostTypeOf(kind: FileKind, hostId: string, configserverId: string): string {
  if (kind === "client") return OpsiClient.name;
  return hostId === configserverId ? OpsiConfigserver.name : OpsiDepotserver.name;
}

/** What is left of a template when a client is made from it. */
export function prepareTemplate(document: IniDocument): void {
  for (const section of hostSections) document.removeSection(section);
}

export function changeHostFile(document: IniDocument, kind: "client" | "depot", changes: readonly Change[]): void {
  // The host itself first: where the file is made, people look for it at the top.
  const isOfHost = ({ prefix }: Change) => prefix === "host";
  for (const change of [...changes.filter(isOfHost), ...changes.filter((change) => !isOfHost(change))]) {
    switch (change.prefix) {
      case "host":
        document.addSection(kind === "client" ? "info" : "depotserver");
        if (change.object) writeOptions(document, change.object, kind === "client" ? clientOptions : depotOptions);
        break;
      case "configState":
        changeConfigState(document, change);
        break;
      case "productPropertyState":
        changePropertyState(document, change);
        break;
      case "productOnClient":
        changeProductOnClient(document, change);
        break;
      case "productOnDepot":
        changeProductOnDepot(document, change);
        break;
      default:
        throw new Error(`${change.prefix} does not stand in the file of a host`);
    }
  }
}
