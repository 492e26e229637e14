/** The version whose behaviour is implemented; scripts compare it (interpreter §7.3). */
export const opsiScriptVersion = "4.12.21.0";
