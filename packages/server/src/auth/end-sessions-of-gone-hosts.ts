import type { HostDirectory } from "./host-directory.ts";
import type { SessionStore } from "./session-store.ts";

/** A host that was deleted or renamed, by whatever program, is nobody any more: its open sessions end. */
export async function endSessionsOfGoneHosts(
  sessions: SessionStore,
  hosts: Pick<HostDirectory, "existing">,
): Promise<void> {
  const ofHosts = Map.groupBy(
    sessions.list().filter(({ hostId }) => hostId !== null),
    ({ hostId }) => hostId ?? "",
  );
  const existing = await hosts.existing([...ofHosts.keys()]);
  for (const [hostId, list] of ofHosts) {
    if (!existing.has(hostId)) for (const session of list) sessions.delete(session);
  }
}
