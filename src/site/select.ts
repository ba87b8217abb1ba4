import { acceptedCodings, type Coding } from '../http/coding.ts';
import type { StoredFile } from '../http/message.ts';
import type { Resolution } from './resolve.ts';
import type { Site } from './site.ts';
import { findCoded, mayStandCoded } from './stored-forms.ts';

/** Which form of a file a client gets. */
export interface Form {
  readonly file: StoredFile;
  /** The coding in which the file is stored. */
  readonly from: Coding;
  /** The coding in which the client gets it. */
  readonly to: Coding;
}

/** The outcome of the negotiation, and whether another Accept-Encoding could have had another one. */
export type Selected =
  | { readonly kind: 'form'; readonly form: Form; readonly isNegotiated: boolean }
  | { readonly kind: 'unacceptable' }
  | { readonly kind: 'busy' };

/** A resolution that leads to content in at least one form. */
export type Found = Extract<Resolution, { kind: 'file' | 'coded' }>;

/**
 * Chooses the form by the client's weights and, among equals, by our preference. For a client that accepts no coding
 * only the file itself is looked at. RFC 9110 §12.5.3.
 */
export async function selectForm(
  found: Found,
  acceptEncoding: string | undefined,
  site: Site,
): Promise<Selected> {
  const accepted = acceptedCodings(acceptEncoding);
  switch (found.kind) {
    case 'file':
      return ofFile(found, accepted, site);
    case 'coded':
      return ofForms(found, accepted, site);
    default:
      return found satisfies never;
  }
}

/** Whether a form is sent as it stands in its file. */
export function isStored({ from, to }: Form): boolean {
  return from === to;
}

async function ofFile(
  { segments, file }: Extract<Found, { kind: 'file' }>,
  accepted: readonly Coding[],
  site: Site,
): Promise<Selected> {
  const isNegotiated = mayStandCoded(segments.at(-1) ?? '', site);
  for (const coding of accepted) {
    if (coding === 'identity') return whole({ file, from: coding, to: coding }, isNegotiated);
    if (!isNegotiated) continue;
    const form = await findCoded(segments, coding, site);
    if (form === 'busy') return { kind: 'busy' };
    // One that is older than the file was made of another version of it.
    if (form === undefined || form.file.modifiedNs < file.modifiedNs) continue;
    return whole({ file: form.file, from: coding, to: coding }, isNegotiated);
  }
  return { kind: 'unacceptable' };
}

function ofForms(
  { forms }: Extract<Found, { kind: 'coded' }>,
  accepted: readonly Coding[],
  site: Site,
): Selected {
  for (const coding of accepted) {
    const form = forms.find(({ coding: stored }) =>
      coding === 'identity' ? site.codings.undone.includes(stored) : stored === coding,
    );
    if (form !== undefined) return whole({ file: form.file, from: form.coding, to: coding }, true);
  }
  return { kind: 'unacceptable' };
}

function whole(form: Form, isNegotiated: boolean): Selected {
  return { kind: 'form', form, isNegotiated };
}
