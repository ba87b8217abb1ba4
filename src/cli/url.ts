import { quoted } from './words.ts';

/**
 * The address that a word means: a port, `8080` or `8080/docs/`, is one of this machine, and a name without a scheme is asked over http. A fault
 * in words for what is no address of http or https.
 */
export function readUrl(
  word: string,
): { readonly kind: 'url'; readonly url: string } | { readonly kind: 'fault'; readonly message: string } {
  const text = /^\d+(?:$|[/?#])/.test(word) ? `localhost:${word}` : word;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const wanted = 'wanted an address such as https://example.org/ or a port';
  if (!URL.canParse(whole)) return { kind: 'fault', message: `found ${quoted(word)}, ${wanted}` };
  const url = new URL(whole);
  if (!/^https?:$/.test(url.protocol)) {
    return { kind: 'fault', message: `found ${quoted(word)}, ${wanted}: only http and https are spoken` };
  }
  if (url.username !== '' || url.password !== '') {
    return { kind: 'fault', message: 'found a name or a password in the address, wanted one without' };
  }
  url.hash = '';
  return { kind: 'url', url: url.href };
}
