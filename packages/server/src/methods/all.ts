import { auditTrailMethods } from "./audit-trail.ts";
import { backendMethods } from "./backend.ts";
import { bootMethods } from "./boot.ts";
import { certificateMethods } from "./certificates.ts";
import { configValueMethods } from "./config-values.ts";
import type { Method } from "./declare.ts";
import { depotAssignmentMethods } from "./depot-assignment.ts";
import { depotPackageMethods } from "./depot-packages.ts";
import { depotSelectionMethods } from "./depot-selection.ts";
import { depotTransferMethods } from "./depot-transfer.ts";
import { domainMethods } from "./domain.ts";
import { driverMethods } from "./drivers.ts";
import { clientQueryMethods } from "./easy/client-queries.ts";
import { groupActionMethods } from "./easy/group-actions.ts";
import { whereMethods } from "./easy/where.ts";
import { groupMethods } from "./groups.ts";
import { hardwareMethods } from "./hardware.ts";
import { hostControlMethods } from "./host-control.ts";
import { hostMethods } from "./hosts.ts";
import { imageMethods } from "./images.ts";
import { kioskMethods } from "./kiosk.ts";
import { aliasMethods } from "./legacy/aliases.ts";
import { depotAliasMethods } from "./legacy/depot-aliases.ts";
import { generalConfigMethods } from "./legacy/general-config.ts";
import { legacyGroupMethods } from "./legacy/groups.ts";
import { hardwareInformationMethods } from "./legacy/hardware-information.ts";
import { legacyHostMethods } from "./legacy/hosts.ts";
import { licenseAssignmentMethods } from "./legacy/license-assignment.ts";
import { licenseChangeMethods } from "./legacy/license-changes.ts";
import { licenseViewMethods } from "./legacy/license-views.ts";
import { networkConfigMethods } from "./legacy/network-config.ts";
import { productCreationMethods } from "./legacy/product-creation.ts";
import { productDefinitionMethods } from "./legacy/product-definitions.ts";
import { productHashMethods } from "./legacy/product-hashes.ts";
import { productListMethods } from "./legacy/product-lists.ts";
import { productStateHashMethods } from "./legacy/product-states.ts";
import { softwareInformationMethods } from "./legacy/software-information.ts";
import { licenseUsageMethods } from "./license-usage.ts";
import { licensingInfoMethods } from "./licensing-info.ts";
import { localUserMethods } from "./local-users.ts";
import { logMethods } from "./logs.ts";
import { messageOfTheDayMethods } from "./message-of-the-day.ts";
import { objectMethods } from "./objects.ts";
import { productPropertyMethods } from "./product-properties.ts";
import { productPropertyValueMethods } from "./product-property-values.ts";
import { productSequenceMethods } from "./product-sequence.ts";
import { productStateMethods } from "./product-state.ts";
import { renameHostMethods } from "./rename-host.ts";
import { rightsMethods } from "./rights.ts";
import { serverCommandMethods } from "./server-commands.ts";
import { applicationStateMethods } from "./service/application-state.ts";
import { backupMethods } from "./service/backup.ts";
import { cleanUpMethods } from "./service/clean-up.ts";
import { diagnosticMethods } from "./service/diagnostics.ts";
import { optionMethods } from "./service/options.ts";
import { sessionMethods } from "./session.ts";
import { softwareInventoryMethods } from "./software-inventory.ts";
import { transferSlotMethods } from "./transfer-slots.ts";
import { userMethods } from "./users.ts";
import { wanMethods } from "./wan.ts";

/** What methods are about, in the order of the reference. */
export const subjects: readonly { readonly title: string; readonly methods: readonly Method[] }[] = [
  { title: "Objects", methods: [...objectMethods, ...hardwareMethods, ...softwareInventoryMethods] },
  {
    title: "Hosts and groups",
    methods: [
      ...hostMethods,
      ...renameHostMethods,
      ...depotAssignmentMethods,
      ...depotSelectionMethods,
      ...groupMethods,
      ...domainMethods,
    ],
  },
  { title: "Clients at work", methods: [...hostControlMethods, ...kioskMethods, ...wanMethods] },
  {
    title: "Products on clients",
    methods: [
      ...productStateMethods,
      ...productSequenceMethods,
      ...productPropertyMethods,
      ...productPropertyValueMethods,
    ],
  },
  { title: "Configuration values", methods: [...configValueMethods, ...messageOfTheDayMethods] },
  { title: "Depots and packages", methods: [...depotPackageMethods, ...depotTransferMethods, ...transferSlotMethods] },
  { title: "Operating systems", methods: [...bootMethods, ...driverMethods, ...imageMethods] },
  { title: "Licenses", methods: [...licenseUsageMethods, ...licensingInfoMethods] },
  { title: "Logs", methods: logMethods },
  { title: "Users and sessions", methods: [...userMethods, ...localUserMethods, ...sessionMethods] },
  {
    title: "The service",
    methods: [
      ...backendMethods,
      ...optionMethods,
      ...applicationStateMethods,
      ...backupMethods,
      ...diagnosticMethods,
      ...cleanUpMethods,
      ...auditTrailMethods,
      ...certificateMethods,
      ...serverCommandMethods,
      ...rightsMethods,
    ],
  },
  {
    title: "Of the time before objects",
    methods: [
      ...aliasMethods,
      ...depotAliasMethods,
      ...clientQueryMethods,
      ...whereMethods,
      ...groupActionMethods,
      ...legacyHostMethods,
      ...legacyGroupMethods,
      ...generalConfigMethods,
      ...networkConfigMethods,
      ...productListMethods,
      ...productHashMethods,
      ...productStateHashMethods,
      ...productDefinitionMethods,
      ...productCreationMethods,
      ...licenseAssignmentMethods,
      ...licenseChangeMethods,
      ...licenseViewMethods,
      ...hardwareInformationMethods,
      ...softwareInformationMethods,
    ],
  },
];

/** Every method by name. */
export function allMethods(): ReadonlyMap<string, Method> {
  const methods = new Map<string, Method>();
  for (const method of subjects.flatMap((subject) => subject.methods)) {
    if (methods.has(method.name)) throw new Error(`Method ${method.name} is declared twice`);
    methods.set(method.name, method);
  }
  return methods;
}
