import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from "node:tls";
import { OpsiError } from "@opsi-ts/model";

/** The agent of one client, and what its peer must prove. */
export interface AgentAddress {
  readonly hostId: string;
  readonly address: string;
  readonly port: number;
}

export interface AgentTrust {
  /** PEM of the opsi CA. */
  readonly authority: string;
  /** Take any peer for the agent. */
  readonly anyCertificate: boolean;
}

/** Was the certificate issued for this host id? Older ones have it only as common name. */
function isFor(hostId: string, certificate: PeerCertificate): boolean {
  if (checkServerIdentity(hostId, certificate) === undefined) return true;
  const { CN } = certificate.subject;
  return [CN].flat().some((name) => name?.toLowerCase() === hostId);
}

/**
 * Opens a TLS connection to an agent. It is only returned when the opsi CA signed the peer's certificate for this host
 * id: the host key that is sent over it would otherwise be given to whoever has the address. The original sends it
 * to anybody.
 *
 * @throws OpsiServiceVerificationError naming what is wrong with the certificate
 */
export async function connectAgent(
  { hostId, address, port }: AgentAddress,
  { authority, anyCertificate }: AgentTrust,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const socket = connect({
    host: address,
    port,
    servername: hostId,
    ca: authority,
    // Both are checked below, before the first byte is sent: the reason goes into the error.
    checkServerIdentity: () => undefined,
    rejectUnauthorized: false,
    ALPNProtocols: ["http/1.1"],
  });
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    await once(socket, "secureConnect");
    if (anyCertificate) return socket;
    if (!socket.authorized) throw untrusted(hostId, `is not signed by the opsi CA (${socket.authorizationError})`);
    if (!isFor(hostId, socket.getPeerCertificate())) throw untrusted(hostId, "was issued for another host");
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function untrusted(hostId: string, reason: string): OpsiError {
  const text = `The certificate of the agent on '${hostId}' ${reason}; the host key was not sent`;
  return new OpsiError("OpsiServiceVerificationError", text, { field: "hostId" });
}

/** Whether something listens there. */
export async function isReachable(address: string, port: number, signal: AbortSignal): Promise<boolean> {
  const socket = connectTcp({ host: address, port });
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) return false;
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  }
}
