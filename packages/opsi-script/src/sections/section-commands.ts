import type { SectionType } from "../language/section-types.ts";

/** How a command of a section is written, and what it does: for the checker and for editors. */
export interface SectionCommand {
  readonly form: string;
  readonly doc: string;
}

const commands = (...list: readonly (readonly [form: string, doc: string])[]): ReadonlyMap<string, SectionCommand> =>
  new Map(list.map(([form, doc]) => [(form.split(" ")[0] ?? "").toLowerCase(), { form, doc }]));

/** Several spellings of one command. */
const each = (names: readonly string[], rest: string, doc: string) =>
  names.map((name): [string, string] => [`${name}${rest}`, doc]);

/**
 * The commands of the sections that have some, by their first word in lower case (sections §1 to §8, §15). In the other
 * sections stands text of another language, or lines of keys and values.
 */
export const sectionCommands: Readonly<Partial<Record<SectionType, ReadonlyMap<string, SectionCommand>>>> = {
  files: commands(
    ['SourcePath = "folder"', "Default source of copy and delete."],
    ['CheckTargetPath = "folder"', "Default target; made if it is missing."],
    ["copy [-seunwxhVvdrc] source target", "Copies files into the folder target; -s with all folders below."],
    ...each(["del", "delete"], " [-sfdrc] path", "Deletes files; -s with all folders below."),
    ["chmod mode path [/AllSubFiles]", "Sets the mode of a file, e.g. 755 or u+x (Linux, macOS)."],
    ["hardlink existing new", "Makes a hard link."],
    ["symlink existing new", "Makes a symbolic link to a file."],
    ...each(["rename", "move"], " [-c] old new", "Moves a file or a folder."),
    ["zipfile source zip", "Packs a folder or a file."],
    ["zip [-s] target source", "Packs a folder (Windows)."],
    ["unzipfile zip folder [encoding]", "Unpacks an archive."],
  ),
  patches: commands(
    ["add [section] key=value", "Adds the entry if the key is not there."],
    ["set [section] key=value", "Sets the entry."],
    ["addnew [section] key=value", "Adds a further entry, unless there is the same."],
    ["change [section] key=value", "Changes the entry if the key is there."],
    ["del [section] key", "Deletes the entry."],
    ["delsec [section]", "Deletes the section."],
    ["replace key1=value1 key2=value2", "Replaces whole lines everywhere."],
  ),
  patchtextfile: commands(
    ['FindLine "text"', "Goes to the next line that is the text."],
    ['FindLine_StartingWith "text"', "Goes to the next line that begins with the text."],
    ['FindLine_Containing "text"', "Goes to the next line that holds the text."],
    ["GoToTop", "Goes above the first line."],
    ["GoToBottom", "Goes to the last line."],
    ["AdvanceLine [count]", "Goes some lines forward."],
    ...each(["InsertLine", "Insert_Line"], ' "text"', "Inserts a line in front of the present one."),
    ...each(["AppendLine", "Append_Line"], ' "text"', "Inserts a line behind the present one and goes to it."),
    ...each(["AddLine", "Add_Line"], ' "text"', "Adds a line at the end."),
    ["DeleteTheLine", "Deletes the present line."],
    ...each(["DeleteLine", "Delete_Line"], ' "text"', "Deletes the next line that is the text."),
    ['DeleteAllLines_StartingWith "text"', "Deletes all lines that begin with the text."],
    ...each(["Append_File", "AppendFile"], ' "file"', "Adds the lines of a file."),
    ...each(["Subtract_File", "SubtractFile"], ' "file"', "Removes leading lines that are those of a file."),
    ['SaveToFile "file"', "Writes the lines to another file."],
    ["Sorted", "Sorts the lines."],
    ['setKeyValueSeparator "="', "Sets the character between key and value."],
    ['setValueByKey "key" "value"', "Sets the value of a line key=value."],
    ['searchAndReplace "text" "replacement"', "Replaces a text in all lines."],
    ['Set_Mozilla_Pref ("function", "key", value)', "Sets a preference of Mozilla programs."],
    ['AddStringListElement_To_Mozilla_Pref ("function", "key", "element")', "Adds an element to a preference."],
    ['Set_Netscape_User_Pref ("key", value)', "Sets a preference of Netscape programs."],
    ['AddStringListElement_To_Netscape_User_Pref ("key", "element")', "Adds an element to a preference."],
  ),
  patchhosts: commands(
    ["setAddr host address", "Sets the address of a host."],
    ["setName address host", "Sets the name of an address."],
    ["setAlias ident alias", "Adds an alias to a host."],
    ["delAlias ident alias", "Removes an alias."],
    ["delHost ident", "Removes a host."],
    ["setComment ident text", "Sets the comment of an entry."],
  ),
  xml2: commands(
    ['rootnodeOnCreate = name [attribute="value"]', "Root element of a file that does not exist yet."],
    ["strictMode = true|false", "Whether attributes of paths have to match exactly."],
    ['openNode "name // name attribute="value""', "Makes an element the current one; makes it if it is missing."],
    ['deleteNode "path"', "Deletes an element."],
    ['setNodeText "text"', "Sets the text of the current element."],
    ['setNodePair "tag" "key" "tag" "value"', "Sets a pair of elements in a dict of a property list."],
    ['addNewNode "name"', "Adds an element, which becomes the current one."],
    ["gotoParentNode", "Makes the parent the current element."],
    ['setAttribute "name" "value"', "Sets an attribute."],
    ['addAttribute "name" "value"', "Adds an attribute if it is missing."],
    ['deleteAttribute "name"', "Deletes an attribute."],
  ),
  registry: commands(
    ["openKey [HKLM\\path]", "Opens a key; makes it if it is missing."],
    ['set "name" = value', 'Sets a value, e.g. REG_SZ:"text", REG_DWORD:0x1, REG_MULTI_SZ:"a|b".'],
    ['add "name" = value', "Sets a value if it is missing."],
    ['supp "name" ; "a;b"', "Adds what is missing to a value that is a list."],
    ['DeleteListEntries "name" ; "a;b"', "Removes elements from a value that is a list."],
    ['GetMultiSZFromFile "name" "file"', "Sets a value to the lines of a file."],
    ['SaveValueToFile "name" "file"', "Writes a value to a file."],
    ['DeleteVar "name"', "Deletes a value."],
    ["DeleteAllVars", "Deletes all values of the key."],
    ["DeleteKey [HKLM\\path]", "Deletes a key with all below."],
    ["FlushKey", "Writes the key to the disk."],
    ['ReconstructFrom "file"', "Restores the key from a file."],
    ["CopySecurityFrom [HKLM\\path]", "Takes over the permissions of another key."],
  ),
  linkfolder: commands(
    ["set_basefolder desktop", "Chooses the folder in which links are made."],
    ['set_subfolder ""', "Chooses the folder below; needed, also if empty."],
    ["set_link", "Begins a link: lines key: value up to end_link."],
    ["end_link", "Ends a link."],
    ['delete_element "name"', "Deletes a link."],
    ['delete_subfolder "name"', "Deletes a folder of links (Windows)."],
  ),
  tests: commands(
    ['ExitOnFileNotExist file "comment"', "Ends the script if the file is missing."],
    ['ExitOnFileZero file "comment"', "Ends the script if the file is empty."],
    ['WarningOnFileNotExist file "comment"', "Warns if the file is missing."],
    ['WarningOnFileZero file "comment"', "Warns if the file is empty."],
  ),
};
