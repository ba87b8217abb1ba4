/**
 * The Content-Disposition field of a file to be saved under a name. A name of plain characters stands as it is; of
 * another one, the first form is what an old client makes of it, and the second the name itself. RFC 6266 §4, RFC 8187.
 */
export function formatAttachment(name: string): string {
  if (plainName.test(name)) return `attachment; filename="${name}"`;
  const rough = name.normalize('NFKD').replace(/[^\w .()+-]+/g, '_');
  const exact = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /['()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${rough}"; filename*=UTF-8''${exact}`;
}

/** Nothing that a client could take for an escape, a path or the end of the name. */
const plainName = /^[\w .()+-]+$/;
