import { fromHash, HostGroup, ObjectToGroup, ProductGroup } from "@opsi-ts/model";
import type { Change, Contents } from "./contents.ts";
import type { IniDocument } from "./ini-document.ts";
import { inSection, type OptionMap, readOptions, writeOptions } from "./option-map.ts";

/*
 * clientgroups.ini and productgroups.ini: a section for each group, with its members. (storage 5.3, 5.4)
 */

const options = (section: string): OptionMap => inSection(section, "description notes parentGroupId");
const ownOptions = new Set(["description", "notes", "parentgroupid"]);
const noMember = new Set(["", "0", "false", "no", "off"]);

export function readGroupFile(document: IniDocument, kind: "hostGroups" | "productGroups", contents: Contents): void {
  const type = kind === "hostGroups" ? HostGroup : ProductGroup;
  for (const section of document.sections) {
    contents.add(0, () => fromHash(type, { ...readOptions(document, type, options(section)), id: section }));
    for (const objectId of document.options(section)) {
      if (ownOptions.has(objectId) || noMember.has(document.text(section, objectId)?.toLowerCase() ?? "")) continue;
      contents.add(document.lineOf(section, objectId), () =>
        fromHash(ObjectToGroup, { groupType: type.name, groupId: section, objectId }),
      );
    }
  }
}

export function changeGroupFile(document: IniDocument, changes: readonly Change[]): void {
  // Groups first: a member of a removed group must not bring its section back.
  for (const { prefix, ident, object } of changes) {
    if (prefix !== "group") continue;
    const section = document.sectionNamed(String(ident["id"]));
    if (object) {
      document.addSection(section);
      writeOptions(document, object, options(section));
    } else document.removeSection(section);
  }
  for (const { prefix, ident, object } of changes) {
    if (prefix !== "objectToGroup") continue;
    const section = document.sectionNamed(String(ident["groupId"]));
    if (object) document.setText(section, String(ident["objectId"]), "1");
    else document.remove(section, String(ident["objectId"]));
  }
}
