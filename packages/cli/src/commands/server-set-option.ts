import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";

export default command({
  name: "server set-option",
  doc: "Write an option of the service into its configuration file; it counts from the next start.",
  details: "Several values are given one after the other.",
  examples: [
    "opsi server set-option session-lifetime 300",
    "opsi server set-option admin-networks 10.1.0.0/16 127.0.0.1/32",
  ],
  arguments: {
    name: { flags: "<name>", doc: "the option" },
    values: { flags: "<values...>", doc: "its new value, or several" },
  },
  async run(context, { name, values }) {
    if (!context.mayChange(`set ${name} to ${values.join(", ")}`)) return undefined;
    const value = values.length === 1 ? values[0] : values;
    await context.call("service_updateConfig", [{ [name]: value }, "none"]);
    context.say("It counts when the service is started again.");
    return rows([{ name, value }], ["name", "value"]);
  },
});
