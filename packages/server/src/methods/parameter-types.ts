import type { ObjectType, Rule } from "@opsi-ts/model";

/**
 * Types in Python's notation, as the interface description has them, by the names of parameters: one name means the same
 * wherever it stands. A list of ids may be one id, too, and null or nothing means none.
 */
const namesOfTypes: Readonly<Record<string, string>> = {
  str:
    "action actionRequest advice alwaysScript architecture boundToHost broadcast_address clientId clientName " +
    "client_id command conclusionDate deltafile depot depotId depotLocalUrl depotName depotRemoteUrl description " +
    "device_message domain encoding event expirationDate filename forceProductId get_file_md5sumFilename groupId " +
    "hardwareAddress hardwareClass host hostGroupId hostId hostname host_id id installationStatus inventoryNumber " +
    "ipAddress key language lastStateChange licenseContractId licenseKey licensePoolId licenseType locale logType mac " +
    "menuText message method mode name network newGroupId newId newfile notes notificationDate objectId oldGroupId " +
    "oldId oldfile onceScript on_change opsiHostKey osVersion package_dir package_file_or_dir packageVersion " +
    "parentGroupId parentMenuText partner password path productActionProgress productGroupId productId productType " +
    "productVersion propertyId pxeConfigTemplate repositoryLocalUrl repositoryRemoteUrl requiredAction " +
    "requiredInstallationStatus requiredProductClassId requiredProductId requirementType returnType return_type " +
    "serverId serverName server_id setupScript signature slot_id slot_type softwareLicenseId sortAlgorithm " +
    "targetProductId tempDir timestamp tooltipText type uninstallScript updateScript userId user_message username " +
    "visibility windowsSoftwareId zsyncFilename firstseen lastseen",
  bool:
    "addConfigs addTimestamp allow_cache append batch boolean captureStderr clear_cache config_files dates " +
    "deleteFiles deleteLicenses dry_run force forceCalculation legacy_modules licenseRequired licenses " +
    "maintenance_mode masterOnly needSudo newest_first redis_data removeFromPools " +
    "suppressPackageContentFileGeneration utctime waitForEnding with_defaults",
  int:
    "after count device_message_valid_until displaySeconds maxBandwidth maxInstallations maxSize position priority " +
    "state user_message_valid_until",
  float: "seconds timeout wait_accomplished",
  "str | list[str]":
    "actionRequests clientIds config_ids depotIds groups hostIds licensePoolIds macs members menuTextList objectIds " +
    "object_ids productClassNames productIds product_ids property_ids windowsSoftwareIds",
  "list[str]": "attributes commands possibleValues",
  "list[int]": "ports",
  list: "params",
  "list[dict]": "commandList",
  "list[ProductOnClient]": "productOnClients",
  dict: "app_state config filter hwFilter info options properties propertyDefaultValues",
  Any: "data data_or_file_id defaultValue propertyValue value",
};

const types: ReadonlyMap<string, string> = new Map(
  Object.entries(namesOfTypes).flatMap(([type, names]) => names.split(" ").map((name) => [name, type] as const)),
);

/** The type of a parameter by its name and, where it is known, its default; undefined for a name that nobody has named. */
export function parameterType(name: string, initial?: unknown): string | undefined {
  const type = types.get(name);
  return type === undefined || type === "Any" || initial !== null ? type : `${type} | None`;
}

const typesOfControls: Readonly<Record<Rule["control"], string>> = {
  ...{ text: "str", lines: "str", choice: "str", timestamp: "str" },
  ...{ integer: "int", float: "float", boolean: "bool", list: "list" },
};

/** The type of an attribute of objects; `type` itself is the name of an object type. */
export function attributeType({ attributes }: ObjectType, name: string): string {
  const attribute = attributes[name];
  return attribute === undefined ? "str" : typesOfControls[attribute.rule.control];
}
