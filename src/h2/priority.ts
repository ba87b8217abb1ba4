/** How soon an answer is wanted. RFC 9218 §4. */
export interface Priority {
  /** 0 to 7, the lowest first. */
  readonly urgency: number;
  /** Whether parts of it are of use before the whole is there, so that it shares with others. */
  readonly isIncremental: boolean;
}

/** How many urgencies there are. */
export const urgencies = 8;

/** What holds when a client says nothing. RFC 9218 §4.1, §4.2. */
export const defaultPriority: Priority = { urgency: 3, isIncremental: false };

/**
 * Reads a Priority field value, a dictionary (RFC 9651 §3.2). What is not known or out of range is passed over, and so is
 * all of a text that is no dictionary: RFC 9218 §4.
 */
export function readPriority(text: string): Priority {
  let { urgency, isIncremental } = defaultPriority;
  if (text.length > textLengthMax) return defaultPriority;
  for (const part of text.split(',')) {
    const [, key, value, parameters] = memberForm.exec(part) ?? [];
    if (key === undefined || parameters === undefined) return defaultPriority;
    // The last of several members with one key counts.
    if (key === 'u') urgency = /^[0-7]$/.test(value ?? '') ? Number(value) : urgency;
    if (key === 'i') isIncremental = value === undefined || value === '?1';
  }
  return { urgency, isIncremental };
}

/** No Priority field that says something is longer. */
const textLengthMax = 256;

/** One member with its parameters; every octet can be matched in one way only. */
const memberForm =
  /^[ \t]*([a-z*][a-z0-9_.*-]*)(?:=(\?[01]|-?[0-9]{1,15}(?:\.[0-9]{1,3})?|[A-Za-z*][^\s,;="]*|"[ !#-[\]-~]*"))?((?:; *[a-z*][a-z0-9_.*-]*(?:=[^\s,;"]+)?)*)[ \t]*$/;
