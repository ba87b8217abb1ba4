/** Octets of the keys of session tickets: a name, a key for their code and one for their cipher. */
export const ticketKeysBytes = 48;

/** Keys of session tickets are used for so long, and a ticket is good for no longer: whoever steals the keys can read no more. */
export const ticketLifeMs: number = 12 * 3600 * 1000;
