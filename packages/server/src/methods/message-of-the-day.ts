import { fromHash, UnicodeConfig } from "@opsi-ts/model";
import { wholeNumber } from "./arguments.ts";
import { type Method, parameters } from "./declare.ts";
import { configs } from "./families.ts";

/** In the order of the parameters. */
const messageConfigs = [
  {
    id: "message_of_the_day.device.message",
    description: "Message of the day to show on device when no user is logged in",
  },
  {
    id: "message_of_the_day.device.message_valid_until",
    description: "Timestamp until the device message of the day is valid",
  },
  {
    id: "message_of_the_day.user.message",
    description: "Message of the day to show on device when a user is logged in",
  },
  {
    id: "message_of_the_day.user.message_valid_until",
    description: "Timestamp until the user message of the day is valid",
  },
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
      const changed = messageConfigs.flatMap(({ id, description }, index) => {
        const value = values[index];
        if (value === null || value === undefined) return [];
        const text = id.endsWith("_until") ? String(wholeNumber(value)) : String(value);
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
