import { hostname, networkInterfaces } from 'node:os';

/**
 * The hosts under which a browser on this machine or beside it would ask for a server here: `localhost` and the names
 * below it, the machine's own name, alone and with `.local`, and its addresses as they are now.
 */
export function ownHosts(): readonly string[] {
  const name = hostname();
  const addresses = Object.values(networkInterfaces()).flatMap(own => own ?? []);
  return [
    'localhost',
    '*.localhost',
    '127.0.0.1',
    '::1',
    name,
    `${name}.local`,
    ...addresses.map(({ address }) => address),
  ];
}
