import type { OpsiObject } from "@opsi-ts/model";

const depotUrls = ["depotRemoteUrl", "depotWebdavUrl", "repositoryRemoteUrl", "workbenchRemoteUrl"];

/** Names and addresses that a host's certificate is valid for besides its id. (service 1.10) */
export function certificateNames(host: OpsiObject): string[] {
  const urls = host.type === "OpsiClient" ? [] : depotUrls.map((name) => host[name]);
  const names = urls.map((url) => (typeof url === "string" ? hostPart(url) : null));
  return [host["ipAddress"], ...names].filter((name): name is string => typeof name === "string" && name !== "");
}

function hostPart(url: string): string | null {
  const authority = /^[a-z0-9]+:\/\/([^/]+)/i.exec(url)?.[1];
  return authority?.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1") ?? null;
}
