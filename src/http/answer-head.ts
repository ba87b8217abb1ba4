import { trimmed } from './list.ts';
import { contentLength, type FieldLine, hasKnownLength, type Response } from './message.ts';
import { isToken } from './method.ts';

/** Fields that say how one connection goes on, in lower case. RFC 9110 §7.6.1, RFC 9113 §8.2.2. */
export const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that a transport writes by itself, in lower case. */
export const transportFields: ReadonlySet<string> = new Set([...connectionFields, 'content-length', 'date']);

/**
 * The field lines of an answer as every version of HTTP writes them: a value has no blank at either end, RFC 9110 §5.5.
 * Throws when the status is not a final one, or a line would not stay one, has an octet that Latin-1 lacks or says what
 * only the transport knows: such an answer is our own bug, or a feature's, and the same in all versions.
 */
export function writtenLines({ status, fields }: Response): readonly FieldLine[] {
  if (!(status >= 200 && status <= 599)) throw new Error(`not a final status: ${status}`);
  return fields.map(writtenLine);
}

/** What Content-Length says; undefined where there is none, or nobody knows it yet. RFC 9110 §8.6. */
export function writtenLength({ status, content }: Response): number | undefined {
  return hasLength(status) && hasKnownLength(content) ? contentLength(content) : undefined;
}

/** None in 1xx and 204; a 304 could have that of the 200, which nobody needs. RFC 9110 §8.6. */
export function hasLength(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

/** Whether content may follow the head of an answer to `method`. RFC 9110 §6.4.1, RFC 9112 §6.3. */
export function mayHaveContent(method: string | undefined, status: number): boolean {
  return method !== 'HEAD' && hasLength(status);
}

function writtenLine(line: FieldLine): FieldLine {
  const [name, value] = line;
  if (!isToken(name) || !isFieldValue(value) || transportFields.has(name.toLowerCase()))
    throw new Error(`not a field line: ${JSON.stringify(line)}`);
  const written = trimmed(value, 0, value.length);
  return written === value ? line : [name, written];
}

/** Characters beyond 0xff are refused too: written as Latin-1, U+010A would become LF. */
function isFieldValue(value: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value);
}
