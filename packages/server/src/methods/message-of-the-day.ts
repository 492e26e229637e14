import { fromHash, UnicodeConfig } from "@opsi-ts/model";
import { type Method, parameters } from "./declare.ts";
import { configs } from "./families.ts";

const configIds = [
  "message_of_the_day.device.message",
  "message_of_the_day.device.message_valid_until",
  "message_of_the_day.user.message",
  "message_of_the_day.user.message_valid_until",
];

/** (objects 6.2) */
export const messageOfTheDayMethods: readonly Method[] = [
  {
    name: "config_updateMessageOfTheDay",
    doc: "Sets the messages that agents show; null leaves a value as it is. Times are seconds since 1970.",
    parameters: parameters(
      "device_message=None device_message_valid_until=None user_message=None user_message_valid_until=None",
    ),
    access: "objects",
    run: async ({ objects }, ...values) => {
      const changed = configIds.flatMap((id, index) => {
        const value = values[index];
        if (value === null || value === undefined) return [];
        const text = String(typeof value === "number" ? Math.trunc(value) : value);
        const description = "";
        return [
          fromHash(UnicodeConfig, {
            id,
            description,
            possibleValues: [text],
            defaultValues: [text],
            editable: true,
            multiValue: false,
          }),
        ];
      });
      if (changed.length > 0) await objects.write(configs, changed, "insert", "createObjects");
      return null;
    },
  },
];
