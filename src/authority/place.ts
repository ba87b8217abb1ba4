import { homedir } from 'node:os';
import { join } from 'node:path';

/** The name of the file of an authority, with its key. */
export const authorityFile = 'authority.pem';

/** Where the authority of this user is kept. */
export function authorityPath(): string {
  return join(dataFolder(), authorityFile);
}

/** Where programs keep what a user would not want to lose, by the custom of each system. */
export function dataFolder(): string {
  const { LOCALAPPDATA = '', XDG_DATA_HOME = '' } = process.env;
  const home = homedir();
  if (process.platform === 'win32') return join(LOCALAPPDATA || join(home, 'AppData', 'Local'), 'plinth');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'plinth');
  return join(XDG_DATA_HOME.startsWith('/') ? XDG_DATA_HOME : join(home, '.local', 'share'), 'plinth');
}
