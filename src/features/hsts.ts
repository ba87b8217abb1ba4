import { fieldValue } from '../http/fields.ts';
import type { Request, Response } from '../http/message.ts';
import type { Declared } from './feature.ts';

/**
 * Has browsers ask by HTTPS only for so many seconds (RFC 6797). A field that the answer has already stays as it is: a
 * site may say more about itself, such as that the same holds for all hosts below it.
 */
export function hsts(
  seconds: number,
): ((request: Request | undefined, response: Response) => Response) & Declared {
  const promise = (_request: Request | undefined, response: Response): Response =>
    fieldValue(response.fields, promiseName) === undefined
      ? { ...response, fields: [...response.fields, [promiseName, `max-age=${seconds}`]] }
      : response;
  return Object.assign(promise, { reads: [], title: 'HSTS' });
}

/** The field that must never be sent over a connection that is not secured. RFC 6797 §7.2. */
export const promiseName = 'Strict-Transport-Security';
