/**
 * The ways in which a target may be spelled otherwise: encoded once and twice, in other case, with other
 * separators, at another place, with something after it. What a guard lets through by accident is among them.
 */
export function neighbours(target: string): readonly string[] {
  const path = target.startsWith('/') ? target : '/';
  const rest = path.slice(1);
  return [
    ...spellings(rest).map(spelled => `/${spelled}`),
    `http://h${path}`,
    `/.${path}`,
    `/docs/..${path}`,
    `/docs/%2e%2e${path}`,
    `//${rest}`,
    `/%2e${path}`,
    `/docs/../..${path}`,
    `${path}/`,
    `${path}/.`,
    `${path}//`,
    `${path}/..`,
    `${path}/../${rest}`,
    `${path}%20`,
    `${path}.`,
    `${path}%2f`,
    `${path}%5c`,
    `${path}::$DATA`,
    `${path}~`,
    `${path}.gz`,
    `${path};x`,
    `${path}%3fx`,
    `${path}%23x`,
    `${path}?x=/../${rest}`,
  ].filter(spelled => !/[\0 ]/.test(spelled) && spelled.length < 8000);
}

function spellings(path: string): readonly string[] {
  const dots = ['%2e', '%2E', '%252e', '%c0%ae', '%u002e', '%ef%bc%8e'].map(dot => path.replaceAll('.', dot));
  const slashes = ['%2f', '%2F', '%252f', '\\', '%5c', '%c0%af', '//', '/./', '/%2e/', ';/'].map(slash =>
    path.replaceAll('/', slash),
  );
  const all = path.replace(/[!-~]/g, encoded);
  return [
    ...dots,
    ...slashes,
    path.toUpperCase(),
    path.toLowerCase(),
    path.replace(/[a-z]/g, encoded),
    all,
    all.replaceAll('%', '%25'),
    path.replaceAll('..', '....'),
    path.replaceAll('..', '.%00.'),
  ];
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
