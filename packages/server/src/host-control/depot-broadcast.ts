import { ServiceClient } from "@opsi-ts/protocol";
import type { BroadcastTarget } from "./wake-on-lan.ts";

/** How this server logs in at depots. */
export interface DepotLogin {
  readonly hostId: string;
  readonly hostKey: string;
  /** File with the opsi CA: only depots with a certificate of it are talked to. */
  readonly caFile: string;
}

/** Milliseconds for a depot to do its part. */
const patience = 10_000;

/** Has a depot send datagrams into its networks. (methods 10.6) */
export async function broadcastThroughDepot(
  url: string,
  login: DepotLogin,
  targets: readonly BroadcastTarget[],
  payload: Uint8Array,
): Promise<void> {
  const signal = AbortSignal.timeout(patience);
  const { hostId: username, hostKey: password, caFile } = login;
  await using depot = await ServiceClient.connect({ url, username, password, caFile, verify: "strict", signal });
  const data = Buffer.from(payload).toString("base64");
  for (const { address, ports } of targets)
    await depot.call("network_sendBroadcast", [address, ports, data], { signal });
}
