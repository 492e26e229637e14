/** What a client must know about a method before it calls it. */

const minute = 60_000;
const hour = 60 * minute;

/** Methods that work on whole files take longer than the usual five minutes. (service §6.5) */
const longTimeouts: Readonly<Record<string, number>> = {
  depot_installPackage: 4 * hour,
  depot_librsyncPatchFile: 24 * hour,
  depot_getMD5Sum: hour,
  depot_createMd5SumFile: hour,
  depot_createZsyncFile: hour,
};

export function timeoutOf(method: string): number {
  return (Object.hasOwn(longTimeouts, method) ? longTimeouts[method] : undefined) ?? 5 * minute;
}

/**
 * True for methods that may be sent twice without harm, told by their names: `host_getObjects`, `getDomain`,
 * `backend_info`, `accessControl_authenticated`. Those that get *or create*, get *and assign* take a licence and are not among them.
 */
export function isReading(method: string): boolean {
  return /^(?:\w+_)?(?:get(?!OrCreate|AndAssign)|search|userIs|authenticated$|info$|read$)/.test(method);
}
