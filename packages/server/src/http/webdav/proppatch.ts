import { type Context, checkLocks, checkWritable, readXml } from "./context.ts";
import { encodeHref, folderHref } from "./href.ts";
import { element, liveNames } from "./properties.ts";
import { multistatus, multistatusHeaders, propertyName, propstat } from "./propfind.ts";
import { escapeXml, notFound, WebdavError } from "./webdav-error.ts";
import { davChild, elements, isDav, writeXml, type XmlElement } from "./xml.ts";

interface Change {
  readonly name: string;
  /** null = remove */
  readonly value: XmlElement | null;
}

/** PROPPATCH: all changes or none. Live properties cannot be changed. (service 4.2) */
export async function proppatch(context: Context): Promise<void> {
  const { exchange, place, href, state } = context;
  const changes = changesOf(await readXml(exchange));
  if (place.stats === null) throw notFound();
  checkWritable(place);
  checkLocks(context, place.path, false);
  const isLive = ({ name }: Change) => liveNames.has(name);
  const names = (list: readonly Change[]) => list.map(({ name }) => element(name));
  const refused = changes.filter(isLive);
  const address = place.stats.isDirectory() ? folderHref(href) : href;
  const send = (stats: string) => {
    const body = `<D:response><D:href>${escapeXml(encodeHref(address))}</D:href>${stats}</D:response>`;
    exchange.send(207, multistatusHeaders, multistatus([body]));
  };
  if (refused.length > 0) {
    const others = changes.filter((change) => !isLive(change));
    return send(propstat(403, names(refused)) + propstat(424, names(others)));
  }
  const full: Change[] = [];
  for (const change of changes) {
    const { name, value } = change;
    if (value === null) state.properties.remove(place.path, name);
    else if (!state.properties.set(place.path, name, writeXml(value))) full.push(change);
  }
  send(propstat(200, names(changes.filter((change) => !full.includes(change)))) + propstat(507, names(full)));
}

function changesOf(document: XmlElement | null): Change[] {
  if (document === null || !isDav(document, "propertyupdate")) {
    throw new WebdavError(400, "The root element is not propertyupdate");
  }
  return elements(document).flatMap((action) => {
    const isSet = isDav(action, "set");
    const prop = davChild(action, "prop");
    if (prop === null || (!isSet && !isDav(action, "remove"))) return [];
    return elements(prop).map((value) => ({ name: propertyName(value), value: isSet ? value : null }));
  });
}
