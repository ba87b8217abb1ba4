import type { FieldLine, Request, Response } from '../http/message.ts';
import type { Finisher } from './feature.ts';

/**
 * The fields that every answer carries: who speaks, without a version that would tell an attacker what to try,
 * and that the media type is meant as it stands (`nosniff`, WHATWG Fetch §3.6).
 */
export const identity: Finisher = Object.assign(sign, { reads: [], title: 'identity' });

function sign(_request: Request | undefined, response: Response): Response {
  return { ...response, fields: [...lines, ...response.fields] };
}

const lines: readonly FieldLine[] = [
  ['Server', 'plinth'],
  ['X-Content-Type-Options', 'nosniff'],
];
