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
  let end = 0;
  for (const { 0: member, 1: key, 2: value, index } of text.matchAll(memberForm)) {
    end = index + member.length;
    // The last of several members with one key counts.
    if (key === 'u') urgency = /^[0-7]$/.test(value ?? '') ? Number(value) : urgency;
    if (key === 'i') isIncremental = value === undefined || value === '?1';
  }
  return end === text.length ? { urgency, isIncremental } : defaultPriority;
}

/** No Priority field that says something is longer. */
const textLengthMax = 256;

// A dictionary of RFC 9651; every octet can be matched in one way only.
const key = '[a-z*][a-z0-9_.*-]*';
const bareItem = [
  String.raw`\?[01]`,
  String.raw`-?\d{1,15}(?:\.\d{1,3})?`,
  String.raw`[A-Za-z*][\w!#$%&'*+.^\x60|~:/-]*`,
  String.raw`%?"(?:[ !#-[\]-~]|\\["\\])*"`,
  ':[A-Za-z0-9+/=]*:',
  String.raw`@-?\d{1,15}`,
].join('|');
const parameters = `(?:; *${key}(?:=(?:${bareItem}))?)*`;
const item = `(?:${bareItem})${parameters}`;
const innerList = String.raw`\( *(?:${item}(?: +${item})*)? *\)`;
const memberForm = new RegExp(
  String.raw`[ \t]*(${key})(?:=(${innerList}|${bareItem}))?${parameters}[ \t]*(?:,(?=[ \t]*[a-z*])|$)`,
  'gy',
);
