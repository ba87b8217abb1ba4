import { acceptedCodings, type Coding, type ContentCoding, codedContentBytesMin } from '../http/coding.ts';
import type { Request, StoredFile } from '../http/message.ts';
import { nameOf } from './candidates.ts';
import type { Resolution } from './resolve.ts';
import type { Site } from './site.ts';
import { findCoded, isNegotiable, mayStandCoded } from './stored-forms.ts';

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

/** What of a request decides between the forms. */
interface Wish {
  readonly accepted: readonly Coding[];
  readonly isRange: boolean;
}

/**
 * Chooses the form by the client's weights and, among equals, by our preference: what is stored in a coding before
 * what must be made, and for a range always what is stored, since what is made twice may differ. For a client that
 * accepts no coding only the file itself is looked at. RFC 9110 §12.5.3.
 */
export async function selectForm(found: Found, request: Request, site: Site): Promise<Selected> {
  const wish = {
    accepted: acceptedCodings(request.fields.get('accept-encoding')),
    isRange: request.method === 'GET' && request.fields.get('range') !== undefined,
  };
  switch (found.kind) {
    case 'file':
      return ofFile(found, wish, site);
    case 'coded':
      return ofForms(found, wish, site);
  }
}

/** Whether a form is sent as it stands in its file. */
export function isStored({ from, to }: Form): boolean {
  return from === to;
}

async function ofFile(
  { segments, file }: Extract<Found, { kind: 'file' }>,
  { accepted, isRange }: Wish,
  site: Site,
): Promise<Selected> {
  const name = nameOf(segments);
  const acceptsPlain = accepted.includes('identity');
  const isNegotiated = isNegotiable(name, site);
  // A coding that the client likes less than none is never better than the file as it is.
  const better = accepted.slice(0, acceptsPlain ? accepted.indexOf('identity') : undefined).filter(isCoding);
  // What stands coded beside an edited file was made of the file as it was.
  const mayStand = file.edition === undefined && mayStandCoded(name, site);
  for (const coding of mayStand ? better : []) {
    const form = await findCoded(segments, coding, site);
    if (form === 'busy') return { kind: 'busy' };
    // One that is older than the file was made of another version of it.
    if (form === undefined || form.file.modifiedNs < file.modifiedNs) continue;
    return chosen({ file: form.file, from: coding, to: coding }, isNegotiated);
  }
  const made = better.find(coding => site.codings.made.includes(coding));
  const mayMake = isNegotiated && file.size >= codedContentBytesMin && file.size <= site.codings.madeBytesMax;
  if (made !== undefined && mayMake && !(isRange && acceptsPlain))
    return chosen({ file, from: 'identity', to: made }, isNegotiated);
  return acceptsPlain
    ? chosen({ file, from: 'identity', to: 'identity' }, isNegotiated)
    : { kind: 'unacceptable' };
}

function isCoding(coding: Coding): coding is ContentCoding {
  return coding !== 'identity';
}

function ofForms({ forms }: Extract<Found, { kind: 'coded' }>, { accepted }: Wish, site: Site): Selected {
  for (const coding of accepted) {
    const form = forms.find(({ coding: stored }) =>
      coding === 'identity' ? site.codings.undone.includes(stored) : stored === coding,
    );
    if (form !== undefined) return chosen({ file: form.file, from: form.coding, to: coding }, true);
  }
  return { kind: 'unacceptable' };
}

function chosen(form: Form, isNegotiated: boolean): Selected {
  return { kind: 'form', form, isNegotiated };
}
