import type { Fields } from '../http/fields.ts';

/** Octets of a section that is worth remembering; longer ones are rare and would crowd out the others. */
const sectionBytesMax = 4 * 1024;

/** Octets of all sections remembered; a few hundred browsers' heads. */
const seenBytesMax = 1024 * 1024;

/**
 * Field sections that have passed the strict parser, by their octets: clients repeat theirs, and what was parsed
 * once need not be parsed again. Nothing is in here that was not parsed. When it is full it begins anew, so that
 * a client that never repeats itself costs the others one parse.
 */
export class SeenSections {
  #fields = new Map<string, Fields>();
  #bytes = 0;

  /** The fields of the section that begins at `start`, and its length with the empty line; undefined when it is not known. */
  recall(
    buffer: Buffer,
    start: number,
    end: number,
  ): { readonly fields: Fields; readonly length: number } | undefined {
    const last = buffer.indexOf(emptyLine, start, 'latin1');
    const length = last + emptyLine.length - start;
    if (last === -1 || start + length > end || length > sectionBytesMax) return undefined;
    const fields = this.#fields.get(buffer.toString('latin1', start, last + 2));
    return fields === undefined ? undefined : { fields, length };
  }

  /** Remembers the fields of a section, given without its empty line. */
  remember(section: string, fields: Fields): void {
    if (section.length > sectionBytesMax - 2) return;
    this.#bytes += section.length;
    if (this.#bytes > seenBytesMax) {
      this.#fields = new Map();
      this.#bytes = section.length;
    }
    this.#fields.set(section, fields);
  }
}

const emptyLine = '\r\n\r\n';
