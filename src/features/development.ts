import { allowingOwn } from '../http/content-policy.ts';
import type { FieldLine, Request, Response } from '../http/message.ts';
import type { Declared } from './feature.ts';

/**
 * What differs while a site is being worked on: no answer is kept by anybody, and a page's policy lets the script of
 * live reload run, which bears this nonce. The last of the finishers.
 */
export function development(
  nonce: string,
): ((request: Request | undefined, response: Response) => Response) & Declared {
  const finish = (_request: Request | undefined, response: Response): Response => {
    const fields = response.fields
      .filter(([name]) => !caching.has(name.toLowerCase()))
      .map((line): FieldLine => (isPolicy(line) ? [line[0], allowingOwn(line[1], nonce)] : line));
    return { ...response, fields: [...fields, ['Cache-Control', 'no-store']] };
  };
  return Object.assign(finish, { reads: [], title: 'development' });
}

function isPolicy([name]: FieldLine): boolean {
  return name.toLowerCase() === 'content-security-policy';
}

const caching: ReadonlySet<string> = new Set(['cache-control', 'expires']);
