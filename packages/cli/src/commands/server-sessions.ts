import { administration } from "../administration/administration.ts";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { matcher } from "../selection/name-list.ts";

interface Session {
  readonly address: string;
  readonly username: string;
  readonly user_agent: string;
  readonly authenticated: boolean;
  readonly created: number;
  readonly last_used: number;
  readonly validity: number;
}

const time = (seconds: number) => new Date(seconds * 1000).toISOString();

export default command({
  name: "server sessions",
  doc: "List who is logged in to the service, from where and with what.",
  examples: ["opsi server sessions", "opsi server sessions '10.1.*'"],
  arguments: { addresses: { flags: "[addresses...]", doc: "addresses, * is a wildcard; default: all" } },
  async run(context, { addresses }) {
    const fits = matcher(addresses.length === 0 ? ["*"] : addresses);
    const sessions = await administration<Session[]>(context, "session-list");
    const shown = sessions
      .filter(({ address, authenticated }) => authenticated && fits(address))
      .map((one) => ({
        ...{ address: one.address, username: one.username, userAgent: one.user_agent },
        ...{ created: time(one.created), lastUsed: time(one.last_used), secondsLeft: one.validity },
      }));
    return rows(shown, ["address", "username", "userAgent", "created", "lastUsed", "secondsLeft"]);
  },
});
