import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OpsiError } from "@opsi-ts/model";
import type { AgentConfiguration } from "../configuration/agent-configuration.ts";
import { fillPlaceholders, splitCommand } from "../configuration/placeholders.ts";

export interface ProcessorCommand {
  readonly program: string;
  readonly parameters: readonly string[];
  /** Go into a file, never into the list of processes. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
}

export interface CommandValues {
  readonly serviceUrl: string;
  readonly depotPath: string;
  readonly productIds: readonly string[];
  readonly eventInfo: Readonly<Record<string, string>>;
  /** Appended, without the prefix of options. */
  readonly extra: readonly string[];
}

/**
 * The command line of the action processor: placeholders filled, split into words without a shell, user name and
 * password taken out. (agent §5.1)
 */
export function processorCommand(
  template: string,
  configuration: AgentConfiguration,
  values: CommandValues,
): ProcessorCommand {
  const special: Record<string, string> = {
    service_url: values.serviceUrl,
    service_session: "none",
    depot_path: values.depotPath,
    action_processor_productids: values.productIds.join(","),
    ...Object.fromEntries(
      Object.entries(values.eventInfo).map(([key, value]) => [`event.${key.toLowerCase()}`, value]),
    ),
  };
  const filled = fillPlaceholders(template, (name) => {
    if (Object.hasOwn(special, name)) return special[name];
    return configuration.value(name) === undefined ? undefined : configuration.text(name);
  });
  const [program, ...words] = splitCommand(filled);
  if (program === undefined) throw new OpsiError("ValueError", "The command of the action processor is empty");
  const { optionPrefix } = configuration.platform;
  const username = takeOption(words, `${optionPrefix}username`);
  const password = takeOption(words, `${optionPrefix}password`);
  const interpreter = installedProcessor(configuration);
  const ours = normalized(program) === normalized(interpreter) && !existsSync(interpreter);
  return {
    program: ours ? process.execPath : program,
    parameters: [...(ours ? [ownProcessor()] : []), ...words, ...values.extra],
    credentials: username === undefined || password === undefined ? null : { username, password },
  };
}

/** Where an original action processor would be. */
function installedProcessor(configuration: AgentConfiguration): string {
  return join(configuration.text("action_processor.local_dir"), configuration.text("action_processor.filename"));
}

const normalized = (path: string) => path.replaceAll("\\", "/").toLowerCase();

/** Our own interpreter, used where no other one is installed. */
export function ownProcessor(): string {
  return join(fileURLToPath(import.meta.resolve("@opsi-ts/opsi-script")), "..", "main.ts");
}

function takeOption(words: string[], option: string): string | undefined {
  const index = words.findIndex((word) => word.toLowerCase() === option);
  if (index < 0) return undefined;
  return words.splice(index, 2)[1];
}
