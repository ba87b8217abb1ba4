import { parseAuthority } from '../http/authority.ts';
import { noContent, type RequestHead, type Response } from '../http/message.ts';

/**
 * The answer to a request over plain HTTP for a path: 308 to the same target of the same host over HTTPS, on `port`.
 * Where the host is not ours, it is not led there (421): a cache would lead others. One that names no host cannot be led
 * anywhere (400).
 */
export function redirectToHttps(
  { authority = '', target }: Pick<RequestHead, 'authority' | 'target'>,
  isOurs: boolean,
  port: number,
): Response {
  const host = parseAuthority(authority)?.host ?? '';
  if (host === '') return refusal(400, 'A request that names no host cannot be redirected to HTTPS.');
  if (!isOurs) return refusal(421, 'This server is not that of the host that was asked for.');
  const path = target.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/');
  const location = `https://${host}${port === 443 ? '' : `:${port}`}${path}`;
  return {
    status: 308,
    fields: [
      ['Location', location],
      ['Cache-Control', 'no-cache'],
    ],
    content: noContent,
  };
}

function refusal(status: number, explanation: string): Response {
  return { status, fields: [], content: noContent, explanation, note: explanation };
}
