import type { Validators } from '../http/conditional.ts';
import { formatEntityTag } from '../http/entity-tag.ts';
import { mediaTypeOf } from '../http/media-type.ts';
import type { StoredFile } from '../http/message.ts';

/** The selected representation (RFC 9110 §3.2): 200, 206, 304, 412 and 416 all follow from it. */
export interface Representation {
  readonly mediaType: string;
  readonly length: number;
  readonly validators: Validators;
  readonly file: StoredFile;
}

/**
 * The representation that a file is, at a moment: a modification time in the future counts as now
 * (RFC 9110 §8.8.2.1).
 */
export function represent(name: string, file: StoredFile, nowMs: number): Representation {
  return { mediaType: mediaTypeOf(name), length: file.size, validators: validatorsOf(file, nowMs), file };
}

function validatorsOf(file: StoredFile, nowMs: number): Validators {
  // Reproducible builds stamp every file with second 0 or 1: such a time tells no version from another.
  if (file.modifiedNs >= 0n && file.modifiedNs < 2n * nsPerSecond) {
    return { etag: undefined, lastModifiedMs: undefined };
  }
  const etag = formatEntityTag(`${file.size.toString(36)}-${file.modifiedNs.toString(36)}`, 'strong');
  // The field has whole seconds; a date before 1970 is one that no client would send back, so none is sent.
  const modifiedMs = Number(file.modifiedNs / nsPerSecond) * 1000;
  const lastModifiedMs = modifiedMs < 0 ? undefined : Math.min(modifiedMs, Math.floor(nowMs / 1000) * 1000);
  return { etag, lastModifiedMs };
}

const nsPerSecond = 1_000_000_000n;
