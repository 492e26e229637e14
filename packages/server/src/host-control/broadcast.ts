import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Sends one datagram per port to a broadcast address. */
export async function sendBroadcast(address: string, ports: readonly number[], payload: Uint8Array): Promise<void> {
  if (ports.length === 0) return;
  const socket = createSocket("udp4");
  try {
    socket.bind();
    await once(socket, "listening");
    socket.setBroadcast(true);
    for (const port of ports) {
      await new Promise<void>((resolve, reject) =>
        socket.send(payload, port, address, (error) => (error ? reject(error) : resolve())),
      );
    }
  } finally {
    socket.close();
  }
}
