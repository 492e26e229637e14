import type { Method } from "../declare.ts";
import { depotPackageMethods } from "../depot-packages.ts";
import { depotTransferMethods } from "../depot-transfer.ts";
import { legacyMethods } from "./legacy-methods.ts";

const names: readonly [alias: string, method: string, signature: string][] = [
  ["getMD5Sum", "depot_getMD5Sum", "filename"],
  ["librsyncSignature", "depot_librsyncSignature", "filename"],
  ["getDiskSpaceUsage", "depot_getDiskSpaceUsage", "path"],
  ["getHostRSAPublicKey", "depot_getHostRSAPublicKey", ""],
];

const named = new Map([...depotPackageMethods, ...depotTransferMethods].map((method) => [method.name, method]));

/** Older names of methods of the depot; the right to the method itself is asked for. (methods 9) */
export const depotAliasMethods: readonly Method[] = names.flatMap(([alias, name, signature]) => {
  const method = named.get(name);
  if (!method) throw new Error(`No method ${name}`);
  return legacyMethods({
    [alias]: {
      signature,
      doc: method.doc,
      alternative: name,
      ...(method.result === undefined ? {} : { result: method.result }),
      run: (call, ...values) => {
        call.access.check(name, call.session);
        return method.run(call, ...values);
      },
    },
  });
});
