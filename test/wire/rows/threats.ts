// Probes of THREATS.md with the ids of their rows.

/** Ids, then target and status. Where a status is 400, the path has no reading that is safe. */
export const paths: readonly (readonly [
  ids: string,
  rows: readonly (readonly [target: string, status: number])[],
])[] = [
  [
    'CVE-2025-58751',
    [
      ['/../site-secret/s', 400],
      ['/..site-secret/s', 404],
      ['/site-secret/s', 404],
      ['/docs/../../site-secret/', 400],
      ['/../site/a.txt', 400],
      ['/..', 400],
      ['/../', 400],
    ],
  ],
  [
    'CVE-2021-41773 CVE-2021-42013',
    [
      ['/.%2e/secret.txt', 400],
      ['/%%32%65%%32%65/secret.txt', 400],
      ['/%252e%252e/secret.txt', 404],
      ['/docs/.%2e/%2e%2e/%2e%2E/secret.txt', 400],
    ],
  ],
  [
    'CVE-2017-16134 CVE-2017-16175 CVE-2018-3714 CVE-2018-3727',
    [
      ['/../../etc/passwd', 400],
      ['/../../../../../../../../etc/passwd', 400],
      ['/%2e%2e%2fsecret.txt', 400],
      ['/..%2fsecret.txt', 400],
      ['/%2e%2e/secret.txt', 400],
      ['//etc/passwd', 308],
      ['/etc/passwd', 404],
      ['/....//secret.txt', 308],
      ['/..;/secret.txt', 404],
    ],
  ],
  [
    'GHSA-frvp-7c67-39w9',
    [
      ['/..%5c..%5csecret.txt', 404],
      ['/..\\..\\secret.txt', 400],
      ['/docs%5c..%5c..%5csecret.txt', 404],
    ],
  ],
  [
    'GHSA-7p7c-pvvx-2vx3 warp#937 cowboy#447',
    [
      ['/foo/c:/windows/win.ini', 404],
      ['/c:%5cwindows%5cwin.ini', 404],
      ['/file:///etc/passwd', 308],
    ],
  ],
  [
    'CVE-2024-23331 caddy#7548',
    [
      ['/.ENV', 404],
      ['/.Env', 404],
      ['/.GIT/config', 404],
    ],
  ],
  [
    'CVE-2018-3718 CVE-2018-3809',
    [
      ['/%2eenv', 404],
      ['/%2Egit/config', 404],
      ['/node_modules%2f', 400],
      ['/%2egit%2fconfig', 400],
    ],
  ],
  [
    'Vite deny bypass',
    [
      ['/.env/.', 404],
      ['/.env/', 404],
      ['/.env%00', 400],
      ['/.env?raw', 404],
      ['/.env?import&raw??', 404],
      ['/.env/..', 200],
      ['/a.txt/../.env', 404],
    ],
  ],
  [
    'caddy#7941 GHSA-x428-ghpx-8j92 CVE-2026-15074 GHSA-pr96-94w5-mx2h GHSA-83w8-p2f5-377r',
    [
      ['/docs/..%2fprivate/secret', 400],
      ['/a%2f..%2fprivate', 400],
      ['/docs/%2e%2e%2f%2e%2e%2f', 400],
      ['/list/../..', 400],
    ],
  ],
  [
    'nginx alias, lighttpd#2898, CVE-2026-27654',
    [
      ['/docs../secret.txt', 404],
      ['/docs..%2fsecret.txt', 400],
      ['/docs.../secret.txt', 404],
    ],
  ],
  [
    'CVE-2013-4547',
    [
      ['/a.txt \0.php', 400],
      ['/a.txt .php', 400],
      ['/a.txt\0', 400],
      ['/a.txt%20', 404],
      ['/a.txt%20%00.php', 400],
    ],
  ],
  [
    'SWS#639 miniserve dufs#670 httpster superstatic',
    [
      ['/links/out-file.txt', 404],
      ['/links/out-relative.txt', 404],
      ['/links/out-folder', 404],
      ['/links/out-folder/', 404],
      ['/links/out-folder/s', 404],
      ['/links/out-root/secret.txt', 404],
      ['/links/out-root/site/a.txt', 200],
      ['/links/nested/out/s', 404],
      ['/links/twice.txt', 404],
      ['/links/x.js.gz', 404],
      ['/links/page', 404],
      ['/links/page.html', 404],
      ['/links/hidden.txt', 404],
      ['/links/git/config', 404],
      ['/links/git/', 404],
      ['/links/broken', 404],
      ['/links/loop', 404],
      ['/links/loop/x', 404],
      ['/links/passwd', 404],
      ['/links/proc/environ', 404],
      ['/links/proc/cwd/package.json', 404],
      ['/links/inside.txt', 200],
      ['/links/hard.txt', 200],
      ['/links/inside-folder/', 200],
      ['/links/root/links/root/a.txt', 200],
      ['/links/root/.env', 404],
      ['/links/x.js', 200],
    ],
  ],
  [
    '§6 defaults',
    [
      ['/.env', 404],
      ['/.git/config', 404],
      ['/.git/HEAD', 404],
      ['/.git/', 404],
      ['/.git', 404],
      ['/sub/.env', 404],
      ['/.well-known/.secret', 404],
      ['/.well-known/../.env', 404],
      ['/sub/.well-known/x', 404],
      ['/.well-known/security.txt', 200],
    ],
  ],
  [
    'CVE-2021-28861',
    [
      ['//evil.com/..%2fsub', 400],
      ['//evil.com/../docs', 308],
      ['//evil.com//..//docs/', 308],
      ['///evil.com/%2e%2e', 308],
    ],
  ],
  [
    'cpython#132826 GHSA-8q4p-mhxr-fq83',
    [
      ['/\\evil.com/%2e%2e/docs', 400],
      ['/%5cevil.com/%2e%2e/docs', 308],
      ['//%5cevil.com', 308],
      ['/%5c%5cevil.com/..', 200],
    ],
  ],
  [
    'serve-handler#122 serve-static CVE-2019-10775 fresh#2313',
    [
      ['//evil.com/', 308],
      ['///evil.com//', 308],
      ['/%2f%2fevil.com', 400],
      ['/%0C', 404],
      ['/%0c/%2e%2e/docs', 308],
      ['/%09/evil.com', 404],
      ['//docs@evil.com', 308],
      ['//docs?//evil.com', 308],
      ['/docs?\\evil.com', 308],
    ],
  ],
  [
    'python#142533 header injection',
    [
      ['/%0d%0aSet-Cookie:x', 404],
      ['/docs%0d%0aSet-Cookie:x', 404],
      ['//docs%0d%0aSet-Cookie:x/', 308],
      ['/docs?%0d%0aSet-Cookie:x', 308],
    ],
  ],
  [
    'CVE-2025-11149 http-server#753 h2o NUL',
    [
      ['/%00', 400],
      ['/a%00.html', 400],
      ['/a.txt%00', 400],
      ['/%2500', 404],
    ],
  ],
  [
    'miniserve#1285 bad paths',
    [
      ['/%', 400],
      ['/%zz', 400],
      ['/%c3%28', 400],
      ['/%80', 400],
      ['/\x80', 400],
      ['/%f8%88%80%80%80', 400],
    ],
  ],
  ['http-server#749', [['/%0c', 404]]],
  [
    'Vite launch-editor',
    [
      ['/\\\\host\\share', 400],
      ['/%5c%5chost%5cshare', 404],
      ['/__open-in-editor?file=/etc/passwd', 404],
    ],
  ],
  [
    'ReDoS long paths',
    [
      [`/${'a/'.repeat(4000)}`, 404],
      [`/${'a'.repeat(8000)}`, 404],
      [`/${'%61'.repeat(2600)}`, 404],
      [`/${'.a'.repeat(4000)}`, 404],
      [`/${'/'.repeat(8000)}`, 308],
    ],
  ],
];

/** What a guard must see, however it is spelled. */
export const guards: readonly (readonly [ids: string, target: string, status: number])[] = [
  ['§1 guard', '/private/secret', 401],
  ['CVE-2026-29087 GHSA-wc8c-qw6v-h7f6', '/private%2fsecret', 400],
  ['CVE-2026-29087 GHSA-wc8c-qw6v-h7f6', '/%70rivate/secret', 401],
  ['CVE-2026-39406 GHSA-92pp-h63x-v22m', '//private/secret', 401],
  ['CVE-2026-39406 GHSA-92pp-h63x-v22m', '//private//secret', 401],
  ['CVE-2026-7120 GHSA-8pvw-jcv7-9cmj', '/./private/secret', 401],
  ['CVE-2026-7120 GHSA-8pvw-jcv7-9cmj', '/docs/../private/secret', 401],
  ['GHSA-3pmx-cf9f-34xr GHSA-vfp3-v2gw-7wfq', '/docs%2f..%2fprivate/secret', 400],
  ['GHSA-x428-ghpx-8j92', '/docs/%2e%2e/private/secret', 401],
  ['GHSA-qrp7-cvwr-j2c6 caddy#7858', '/private%5csecret', 404],
  ['GHSA-qrp7-cvwr-j2c6 caddy#7858', '/private./secret', 404],
  ['GHSA-qrp7-cvwr-j2c6 caddy#7858', '/private%20/secret', 404],
  ['caddy#7941', '/docs/..%2fprivate/secret', 400],
  ['CVE-2026-15074 GHSA-pr96-94w5-mx2h GHSA-83w8-p2f5-377r', '/docs%2f..%2fprivate', 400],
  ['CVE-2026-15074 GHSA-pr96-94w5-mx2h GHSA-83w8-p2f5-377r', '/docs/../private/', 401],
  ['CVE-2026-15074 GHSA-pr96-94w5-mx2h GHSA-83w8-p2f5-377r', '/private/..%2fprivate/secret', 400],
  ['CVE-2026-27654', '/docs../private/secret', 404],
  ['§1 guard', '/PRIVATE/secret', 404],
  ['§1 guard', 'http://other/private/secret', 401],
];

/** Names that Windows reads as other names; the parser refuses them there. */
export const windows: readonly (readonly [ids: string, targets: readonly string[]])[] = [
  ['GHSA-frvp-7c67-39w9', ['/..%5c..%5cwin.ini', '/a%5cb', '/%5c%5chost%5cshare', '/a%5C..%5C..%5Cb']],
  ['GHSA-7p7c-pvvx-2vx3 warp#937 cowboy#447', ['/foo/c:/windows/win.ini', '/C:', '/x/D%3a/y']],
  ['GHSA-qrp7-cvwr-j2c6 caddy#7858', ['/private%5cs', '/private./s', '/private%20/s', '/private.%20./s']],
  [
    'caddy#5148 caddy#7952 nginx 0.8.33 0.8.40 1.3.1',
    [
      '/f.txt::$DATA',
      '/f.txt%3A%3A$DATA',
      '/f.txt:x',
      '/SECRET~1/x',
      '/secret~2.txt',
      '/f.txt.',
      '/f.txt...',
    ],
  ],
  [
    '§1 devices',
    ['/con', '/NUL.txt', '/a/COM1', '/lpt9.log.txt', '/aux%20', '/conin$', '/a*', '/a%3fb', '/a%7c'],
  ],
];
