/** Percent-encodes a decoded path for `href` and links; slashes stay. */
export function encodeHref(path: string): string {
  return path.split("/").map(encodeSegment).join("/");
}

/** The address of a folder: with one slash at its end. */
export function folderHref(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end--; // an expression with `$` would begin anew at every slash
  return `${path.slice(0, end)}/`;
}

function encodeSegment(segment: string): string {
  // names on the disk need not be valid Unicode
  return encodeURIComponent(segment.toWellFormed()).replace(/%(40|24|2C|3B|3A|2B|3D)/g, (escaped) =>
    decodeURIComponent(escaped),
  );
}

/**
 * The path of a Destination header, decoded; it must name this server.
 *
 * @param host the request's Host header
 * @returns null for another server or scheme and for what is no absolute path
 */
export function destinationPath(destination: string, host: string): string | null {
  const match = /^(?:https:\/\/([^/]*))?(\/[^?#]*)/i.exec(destination.trim());
  if (match === null || (match[1] !== undefined && match[1].toLowerCase() !== host.toLowerCase())) return null;
  return decodePath(match[2] ?? "");
}

/** Strict percent-decoding; null if it is no UTF-8. */
export function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
