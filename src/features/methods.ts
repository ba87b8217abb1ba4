import { noContent, type Request, type Response } from '../http/message.ts';
import { isKnownMethod } from '../http/method.ts';
import type { Declared } from './feature.ts';

/**
 * Lets GET and HEAD of a path pass. OPTIONS is answered 204 with Allow, another known method 405 with Allow,
 * an unknown one 501: methods are case-sensitive, so `get` is unknown. RFC 9110 §9.1, §15.5.6, §15.6.2.
 */
export const methods: ((request: Request) => Response | undefined) & Declared = Object.assign(judge, {
  reads: [],
  title: 'methods',
});

function judge({ method }: Request): Response | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (method === 'OPTIONS') return withAllow(204);
  return isKnownMethod(method) ? withAllow(405) : { status: 501, fields: [], content: noContent };
}

function withAllow(status: number): Response {
  return { status, fields: [['Allow', 'GET, HEAD, OPTIONS']], content: noContent };
}
