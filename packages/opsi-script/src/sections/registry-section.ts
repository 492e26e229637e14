import { expandPath } from "../files/file-paths.ts";
import { reasonOf, SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { trim } from "../text/bytes.ts";
import { addRegLines } from "./registry-add-reg.ts";
import { registryCommands } from "./registry-commands.ts";
import { inEveryHive, inHive, type KeyMap, machineKeys } from "./registry-keys.ts";
import { parseRegistryOptions, type RegistryOptions, type RegistryScope } from "./registry-options.ts";
import { regeditLines } from "./registry-regedit.ts";
import { RegistryWork } from "./registry-work.ts";
import { runCommands, type SectionCall, type SectionHandler } from "./section.ts";

/** In which the lines of a section may be written. */
const languages = { commands: registryCommands, regedit: regeditLines, addReg: addRegLines };

/** Changes of the registry (sections §8). */
export const registrySection: SectionHandler = {
  run: (call) => {
    const { context } = call;
    const { registry, users } = context.platform;
    if (registry === null || users === null) {
      context.log.write(level.error, "Registry sections are only implemented for Windows");
      return [];
    }
    const options = parseRegistryOptions(call.substitute(call.parameters), call.evaluate);
    const work = (keys: KeyMap) => runLines(call, options, new RegistryWork(context, registry, options.view, keys));
    const scope = scopeOf(context, options);
    switch (scope.kind) {
      case "machine":
        work(machineKeys(context, scope.baseKey, false));
        break;
      case "userContext":
        work(machineKeys(context, "HKEY_CURRENT_USER", true));
        break;
      case "hive":
        attempt(context, "/NTUserDat", () => inHive(registry, expandPath(scope.file), work));
        break;
      case "everyHive":
        inEveryHive(
          registry,
          users,
          scope.classes,
          (keys, user) => {
            context.log.write(level.info, `Registry of ${user}`);
            work(keys);
          },
          (error) => context.error(reasonOf(error)),
        );
        break;
      default:
        scope satisfies never;
    }
    return [];
  },
};

/** While [ProfileActions] runs as a sub section, all users are meant; in a login script, the one who logs in. */
function scopeOf({ state, settings }: Context, { scope, form }: RegistryOptions): RegistryScope {
  if (settings.loginScript && scope.kind === "everyHive") return { kind: "userContext" };
  const isPlain = scope.kind === "machine" && scope.baseKey === "" && form !== "addReg";
  return state.allUsers && isPlain ? { kind: "everyHive", classes: false } : scope;
}

/** What the system refuses is an error of the script, which goes on. */
function attempt(context: Context, what: string, action: () => void): void {
  try {
    action();
  } catch (problem) {
    if (problem instanceof SyntaxProblem) throw problem;
    context.error(`${what}: ${reasonOf(problem)}`);
  }
}

function runLines(call: SectionCall, { form }: RegistryOptions, work: RegistryWork): void {
  const execute = languages[form](work);
  const lines = form === "commands" ? call.lines : joined(call.lines);
  runCommands({ ...call, lines }, (text) => attempt(call.context, trim(text), () => execute(text)));
}

/** A line that ends in a backslash goes on in the next one; a comment, which may end in a folder, does not. */
function joined(lines: SectionCall["lines"]): SectionCall["lines"] {
  const result: SectionCall["lines"][number][] = [];
  let open = false;
  for (const line of lines) {
    const text = trim(line.text);
    const last = result.at(-1);
    const shown = text.endsWith("\\") ? text.slice(0, -1) : text;
    if (open && last) result[result.length - 1] = { ...last, text: last.text + shown };
    else result.push({ ...line, text: shown });
    open = text.endsWith("\\") && !text.startsWith(";");
  }
  return result;
}
