import type { Validators } from '../http/conditional.ts';
import { formatEntityTag } from '../http/entity-tag.ts';
import { mediaTypeOf } from '../http/media-type.ts';
import type { StoredFile } from '../http/message.ts';
import type { Form } from './select.ts';

/** The selected representation (RFC 9110 §3.2): 200, 206, 304, 412 and 416 all follow from it. */
export interface Representation {
  readonly mediaType: string;
  readonly form: Form;
  readonly validators: Validators;
}

/** What a representation depends on beside its form. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** A hash of a content, where it is known. */
  readonly hashOf?: ((file: StoredFile) => string | undefined) | undefined;
  /** Tells a variant from the file in whose stead it is sent, should their sizes and times be the same. */
  readonly mark?: string;
}

/**
 * The representation that a form of a file is, at a moment: a modification time in the future counts as now
 * (RFC 9110 §8.8.2.1). Each form has a tag of its own, for its octets are others.
 */
export function represent(name: string, form: Form, circumstances: Circumstances): Representation {
  return { mediaType: mediaTypeOf(name), form, validators: validatorsOf(form, circumstances) };
}

/** Whether its time tells no version from another: reproducible builds stamp every file with second 0 or 1. */
export function isTimeless({ modifiedNs }: StoredFile): boolean {
  return modifiedNs >= 0n && modifiedNs < 2n * nsPerSecond;
}

/** A form that is stored and one that is made of another file never share a tag, even when size and time agree. */
function suffixOf({ file, from, to }: Form): string {
  const edition = file.edition === undefined ? '' : `-${file.edition.tag}`;
  if (from !== to) return `${edition}-${from}-${to}`;
  return to === 'identity' ? edition : `${edition}-${to}`;
}

function validatorsOf(form: Form, { nowMs, hashOf, mark = '' }: Circumstances): Validators {
  const { file } = form;
  const suffix = `${mark === '' ? '' : `-${mark}`}${suffixOf(form)}`;
  if (isTimeless(file)) {
    const hash = hashOf?.(file);
    const etag = hash === undefined ? undefined : formatEntityTag(`${hash}${suffix}`, 'strong');
    return { etag, lastModifiedMs: undefined };
  }
  const etag = formatEntityTag(
    `${file.size.toString(36)}-${file.modifiedNs.toString(36)}${suffix}`,
    'strong',
  );
  // What an edit puts in may change while the file does not.
  if (file.edition !== undefined) return { etag, lastModifiedMs: undefined };
  // The field has whole seconds; a date before 1970 is one that no client would send back, so none is sent.
  const modifiedMs = Number(file.modifiedNs / nsPerSecond) * 1000;
  const lastModifiedMs = modifiedMs < 0 ? undefined : Math.min(modifiedMs, Math.floor(nowMs / 1000) * 1000);
  return { etag, lastModifiedMs };
}

const nsPerSecond = 1_000_000_000n;
