import { text } from "../answer/answer.ts";
import { command } from "../command.ts";

export default command({
  name: "user set-second-factor",
  doc: "Switch the one-time passwords of a user on or off.",
  details:
    "Switching on makes a new secret and shows it once, as a QR code for an app on his phone or as its address; an " +
    "older secret is worthless from then on. Whether codes are asked at all says the option multi-factor-auth.",
  examples: ["opsi user set-second-factor anna on", "opsi user set-second-factor anna off"],
  options: { uri: { flags: "--uri", doc: "the address that the QR code stands for" } },
  arguments: {
    name: { flags: "<name>", doc: "with which the user logs in" },
    state: { flags: "<state>", doc: "whether codes are needed", choices: ["on", "off"] },
  },
  async run(context, { name, state, uri }) {
    if (!context.mayChange(`switch the second factor of ${name} ${state}`)) return undefined;
    const type = state === "on" ? "totp" : "inactive";
    const shown = await context.call<string>("user_updateMultiFactorAuth", [name, type, uri ? "uri" : "qrcode"]);
    return text(state === "on" ? `${shown}\n` : "");
  },
});
