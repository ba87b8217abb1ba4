import { advice, type Check, each, eachAsked, type Finding, fault, pages, served, unasked } from './check.ts';
import { locationOf } from './crawl.ts';

/** Whether visitors are safe from others, and the owner from himself. */
export const securityChecks: readonly Check[] = [
  {
    id: 'https',
    title: 'The site is served over HTTPS',
    why: 'Whoever stands between may else read and change every page.',
    fix: 'Get a certificate and serve over TLS, or put a proxy in front that does.',
    look: ({ start }) => {
      if (isPrivate(start)) return unasked;
      return each([start], url => (isSecure(url) ? undefined : fault(url, 'is not encrypted')));
    },
  },
  {
    id: 'https-redirect',
    title: 'Plain HTTP leads to HTTPS',
    why: 'Old links and people who type an address begin at http:.',
    fix: 'Answer on port 80 with 308 or 301 to the same path at https:.',
    look: ({ start, ask }) => {
      const { protocol, port, hostname } = new URL(start);
      if (protocol !== 'https:' || port !== '') return unasked;
      return eachAsked([`http://${hostname}/`], async url => {
        const answer = await ask(url);
        // Nothing there is as good: nobody is served in the clear.
        if (answer.kind === 'no-reply') return undefined;
        const location = locationOf(answer);
        if (location === undefined || !isSecure(location))
          return fault(url, `answers ${answer.status} instead`);
        return [301, 308].includes(answer.status)
          ? undefined
          : advice(url, `redirects with ${answer.status}, for once only`);
      });
    },
  },
  {
    id: 'mixed-content',
    title: 'Encrypted pages have encrypted parts',
    why: 'Browsers block such parts, or whoever stands between may change them.',
    fix: 'Name the part by its https: address, or by a path.',
    look: site =>
      each(isSecure(site.start) ? pages(site) : [], ({ url, document }) => {
        const part = document?.references.find(({ role, url: to }) => role === 'part' && !isSecure(to));
        return part === undefined ? undefined : fault(url, `has a part at ${part.url}`);
      }),
  },
  {
    id: 'nosniff',
    title: 'Types are meant as they stand',
    why: 'A browser that guesses may run as a script what was uploaded as a picture.',
    fix: 'Send X-Content-Type-Options: nosniff with everything.',
    look: site =>
      each(served(site), ({ url, fields }) =>
        fields.get('x-content-type-options')?.trim().toLowerCase() === 'nosniff'
          ? undefined
          : fault(url, 'has no nosniff'),
      ),
  },
  {
    id: 'content-security-policy',
    title: 'Pages say what may run in them',
    why: 'When something foreign gets into a page after all, a policy keeps it from running.',
    fix: "Send a Content-Security-Policy, such as default-src 'self', or put it into a meta element.",
    look: site =>
      each(pages(site), ({ url, fields, document }) =>
        fields.has('content-security-policy') || document?.hasPolicy === true
          ? undefined
          : advice(url, 'has no Content-Security-Policy'),
      ),
  },
  {
    id: 'framing',
    title: 'Pages say who may frame them',
    why: 'A page inside a stranger’s page can be made to take clicks that were meant for another.',
    fix: "Send frame-ancestors 'self' in the Content-Security-Policy, or X-Frame-Options: SAMEORIGIN.",
    look: site =>
      each(pages(site), ({ url, fields }) => {
        const policy = fields.get('content-security-policy') ?? '';
        return /\bframe-ancestors\b/i.test(policy) || fields.has('x-frame-options')
          ? undefined
          : advice(url, 'may be framed by anyone');
      }),
  },
  {
    id: 'referrer-policy',
    title: 'Pages say what other sites learn of their visitors',
    why: 'The address of the page goes with each link and part, with its query where the policy lets it.',
    fix: 'Send Referrer-Policy: strict-origin-when-cross-origin, or a stricter one.',
    look: site =>
      each(pages(site), ({ url, fields }) =>
        fields.has('referrer-policy') ? undefined : advice(url, 'has no Referrer-Policy'),
      ),
  },
  {
    id: 'hsts',
    title: 'Browsers are told to stay with HTTPS',
    why: 'The first request of each visit may else go out in the clear.',
    fix: 'Send Strict-Transport-Security: max-age=31536000.',
    look: ({ start, crawl }) => {
      const first = crawl.visits.get(start)?.answer;
      if (!isSecure(start) || first?.kind !== 'reply') return unasked;
      return each([start], url =>
        first.fields.has('strict-transport-security')
          ? undefined
          : advice(url, 'has no Strict-Transport-Security'),
      );
    },
  },
  {
    id: 'version',
    title: 'The server does not tell its version',
    why: 'A version tells an attacker what to try.',
    fix: 'Leave the version out of Server, and X-Powered-By out altogether.',
    look: ({ start, crawl }) => {
      const first = crawl.visits.get(start)?.answer;
      if (first?.kind !== 'reply') return unasked;
      return each(['server', 'x-powered-by'], name => {
        const value = first.fields.get(name);
        return value !== undefined && /\d/.test(value) ? advice(start, `says ${name}: ${value}`) : undefined;
      });
    },
  },
  {
    id: 'hidden-files',
    title: 'What nobody means to publish is not there',
    why: 'Passwords and the whole history of a site are found in these places within hours.',
    fix: 'Deny names that begin with a dot, and do not deploy them.',
    look: site =>
      eachAsked(secrets, async ([path, isIt]): Promise<Finding | undefined> => {
        const answer = await site.ask(new URL(path, site.start).href, {
          fields: { 'accept-encoding': 'identity' },
        });
        if (answer.kind === 'no-reply' || answer.status !== 200) return undefined;
        // An application that answers everything with its first page gives nothing away.
        return isIt.test(answer.content.toString('latin1'))
          ? fault(answer.url, 'can be read by everybody')
          : undefined;
      }),
  },
];

const secrets: readonly (readonly [string, RegExp])[] = [
  ['/.git/HEAD', /^(?:ref: |[0-9a-f]{40}\s*$)/],
  ['/.env', /^(?:export )?[A-Za-z_][A-Za-z0-9_]*=/m],
  ['/.htpasswd', /^[^\s:<]+:(?:\$\w|\{SHA|[./\w]{13}$)/m],
];

function isSecure(url: string): boolean {
  return url.startsWith('https:');
}

/** Whether an address is this machine's or a home's own, which no certificate authority knows. */
function isPrivate(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    /(?:^|\.)(?:localhost|local|internal|home\.arpa|test)$/.test(hostname) ||
    /^(?:127|10|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(hostname) ||
    /^\[(?:::1|f[cd]|fe[89ab])/.test(hostname)
  );
}
