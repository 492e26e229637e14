/**
 * Secondary indexes of the original's tables by name and columns. Its schema update looks for them by name and creates
 * what it does not find. (storage 6.2)
 */
export const originalIndexes: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  AUDIT_SOFTWARE_TO_LICENSE_POOL: { licensePoolId: ["licensePoolId"] },
  CONFIG: { index_config_type: ["type"] },
  CONFIG_STATE: { index_config_state_configId: ["configId"], index_config_state_objectId: ["objectId"] },
  CONFIG_VALUE: { configId: ["configId"] },
  GROUP: { index_group_parentGroupId: ["parentGroupId"] },
  HOST: { index_host_type: ["type"], index_host_lastSeen: ["lastSeen"] },
  LICENSE_CONTRACT: { index_license_contract_type: ["type"] },
  LICENSE_ON_CLIENT: {
    softwareLicenseId: ["softwareLicenseId", "licensePoolId"],
    index_license_on_client_clientId: ["clientId"],
  },
  LICENSE_POOL: { index_license_pool_type: ["type"] },
  OBJECT_TO_GROUP: { groupType: ["groupType", "groupId"], index_object_to_group_objectId: ["objectId"] },
  PRODUCT: { index_product_type: ["type"], index_productId: ["productId"] },
  PRODUCT_ON_CLIENT: { FK_PRODUCT_ON_CLIENT_HOST: ["clientId"] },
  PRODUCT_ON_DEPOT: {
    "productId-productVersion-packageVersion": ["productId", "productVersion", "packageVersion"],
    depotId: ["depotId"],
    index_product_on_depot_productType: ["productType"],
  },
  PRODUCT_PROPERTY: { index_product_property_type: ["type"] },
  PRODUCT_PROPERTY_STATE: { index_product_property_state_objectId: ["objectId"] },
  PRODUCT_PROPERTY_VALUE: {
    index_product_property_value: ["productId", "productVersion", "packageVersion", "propertyId"],
  },
  SOFTWARE: { index_software_windowsSoftwareId: ["windowsSoftwareId"], index_software_type: ["type"] },
  SOFTWARE_CONFIG: {
    index_software_config_clientId: ["clientId"],
    index_software_config_nvsla: ["name", "version", "subVersion", "language", "architecture"],
  },
  SOFTWARE_LICENSE: {
    licenseContractId: ["licenseContractId"],
    index_software_license_type: ["type"],
    index_software_license_boundToHost: ["boundToHost"],
  },
  SOFTWARE_LICENSE_TO_LICENSE_POOL: { licensePoolId: ["licensePoolId"] },
  WINDOWS_SOFTWARE_ID_TO_PRODUCT: { index_productId: ["productId"] },
};
