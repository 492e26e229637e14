/** Version of the original whose behaviour we offer: clients switch features on it. (service 1.4, 6.3) */
export const compatibleVersion = "4.3.24.1";
/** Version of the original's client library that belongs to it. */
export const compatibleLibraryVersion = "4.3.20.1";
