/** The rules of a new installation. The first line that matches a method counts. (methods 4.4) */
export const defaultAcl = `# What each kind of caller may do: <regular expression for method names> : <type>[(...)][; ...]
# The first matching line counts. Types: all, self, opsi_depotserver, opsi_client, sys_group(...), sys_user(...)
backend_deleteBase     : sys_group({admingroup})
backend_.*             : all
log_.*                 : sys_group({admingroup}); opsi_depotserver; self
hostControl.*          : sys_group({admingroup}); opsi_depotserver
host_get.*             : sys_group({admingroup}); opsi_depotserver; self; opsi_client(attributes(!opsiHostKey,!oneTimePassword,!description,!lastSeen,!notes,!hardwareAddress,!inventoryNumber))
host_update.*          : sys_group({admingroup}); opsi_depotserver; self
config_create.*        : sys_group({admingroup}); opsi_depotserver; opsi_client
auditSoftware_delete.* : sys_group({admingroup}); opsi_depotserver
auditSoftware_.*       : sys_group({admingroup}); opsi_depotserver; opsi_client
auditHardware_delete.* : sys_group({admingroup}); opsi_depotserver
auditHardware_.*       : sys_group({admingroup}); opsi_depotserver; opsi_client
user_setCredentials    : sys_group({admingroup}); opsi_depotserver
user_getCredentials    : sys_group({admingroup}); opsi_depotserver; opsi_client
auditHardwareOnHost_.* : sys_group({admingroup}); opsi_depotserver; self
auditSoftwareOnClient_.* : sys_group({admingroup}); opsi_depotserver; self
licenseOnClient_.*     : sys_group({admingroup}); opsi_depotserver; self
productOnClient_.*     : sys_group({admingroup}); opsi_depotserver; self
configState_.*         : sys_group({admingroup}); opsi_depotserver; self
.*_get.*               : sys_group({admingroup}); opsi_depotserver; opsi_client
productPropertyState_.* : sys_group({admingroup}); opsi_depotserver; self
get(Raw){0,1}Data      : sys_group({admingroup}); opsi_depotserver
.*                     : sys_group({admingroup}); opsi_depotserver
`;
