import { type FileHandle, open } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { WebdavError } from "./webdav-error.ts";

/** Bytes read and encrypted at a time: larger ones win nothing more, smaller ones cost (bench download). */
const pieceSize = 512 * 1024;

/**
 * Sends part of a file as the body of a response whose head is already decided by `start`. While one piece is
 * encrypted and sent the next one is read; two buffers serve the whole file.
 *
 * @param length bytes from `offset`
 * @param start called once the file is open: writes the head. A file that cannot be opened still gets its own error
 * @throws WebdavError if the file became shorter meanwhile: the connection must be cut, the client sees it
 */
export async function sendFile(
  response: ServerResponse,
  path: string,
  offset: number,
  length: number,
  start: () => void,
): Promise<void> {
  await using file = await open(path, "r");
  start();
  if (length === 0) {
    response.end();
    return;
  }
  let next = Buffer.allocUnsafe(Math.min(pieceSize, length));
  let other = length > pieceSize ? Buffer.allocUnsafe(pieceSize) : next;
  let remaining = length;
  let reading = readPiece(file, next, offset, remaining);
  reading.catch(() => undefined); // awaited below, or we stop before
  while (remaining > 0) {
    const piece = await reading;
    remaining -= piece.length;
    const position = offset + length - remaining;
    [next, other] = [other, next];
    if (remaining > 0) {
      reading = readPiece(file, next, position, remaining);
      reading.catch(() => undefined);
    }
    await written(response, piece);
  }
  response.end();
}

async function readPiece(file: FileHandle, buffer: Buffer, position: number, remaining: number): Promise<Buffer> {
  const wanted = Math.min(buffer.length, remaining);
  const { bytesRead } = await file.read(buffer, 0, wanted, position);
  if (bytesRead === 0) throw new WebdavError(500, "The file became shorter while it was sent");
  return buffer.subarray(0, bytesRead);
}

/** Resolves when the piece is encrypted and handed to the system: its buffer may be used again. */
function written(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new Error("The client closed the connection"));
    if (response.destroyed) return closed();
    response.once("close", closed);
    response.write(piece, (error) => {
      response.off("close", closed);
      if (error) reject(error);
      else resolve();
    });
  });
}
