import type { Context } from "../context.ts";

/**
 * Reads something about many clients, some of them at a time.
 *
 * @param atOnce clients whose answer is some megabytes at most
 */
export async function readForClients<T>(
  context: Context,
  clients: readonly string[],
  { label, atOnce }: { readonly label: string; readonly atOnce: number },
  read: (clientIds: readonly string[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const all: T[] = [];
  using progress = context.progress(label, { total: clients.length });
  for (let start = 0; start < clients.length; start += atOnce) {
    const some = clients.slice(start, start + atOnce);
    for (const one of await read(some)) all.push(one);
    progress.update(start + some.length);
  }
  progress.finish();
  return all;
}
