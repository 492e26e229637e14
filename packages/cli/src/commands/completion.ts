import { text } from "../answer/answer.ts";
import { command } from "../command.ts";
import { bashCompletion } from "../completion/bash.ts";
import { completionTree } from "../completion/completion-tree.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export default command({
  name: "completion",
  doc: "Print the script that completes commands in a shell.",
  details: "Needs no service: names of commands, options and their fixed values are completed, and files.",
  examples: [
    "source <(opsi completion bash)",
    "opsi completion bash > /etc/bash_completion.d/opsi",
    "opsi completion zsh > ~/.zfunc/_opsi",
    "opsi completion fish > ~/.config/fish/completions/opsi.fish",
  ],
  arguments: { shell: { flags: "<shell>", doc: "for which shell", choices: ["bash", "zsh", "fish"] } },
  async run(_context, { shell }) {
    return text(shells[shell](await completionTree()));
  },
});
