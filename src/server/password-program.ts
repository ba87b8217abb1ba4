/** One password and the hash that it may belong to. */
export interface PasswordTask {
  /** bcrypt, argon2, apr1 or `{SHA}`, in the form in which htpasswd files have it. */
  readonly hash: string;
  readonly password: Uint8Array;
}

/**
 * The program of the thread that checks passwords, as text for `new Worker(…, { eval: true })`: it answers each task with
 * whether they belong together. Its `workerData` is the URL of the hash functions. `thread-program.ts` tells why it is
 * text. Whatever goes wrong in it ends the thread.
 */
export function passwordProgram(): string {
  // Tools that keep the names of functions call this helper.
  return `const __name = subject => subject; (${program})();`;
}

/** Runs in the thread: nothing outside of this function can be seen from within. */
function program(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { createHash, timingSafeEqual } = process.getBuiltinModule('node:crypto');

  interface Library {
    argon2Verify(options: PasswordTask): Promise<boolean>;
    bcryptVerify(options: PasswordTask): Promise<boolean>;
  }

  async function belong({ hash, password }: PasswordTask): Promise<boolean> {
    if (hash.startsWith('{SHA}')) {
      const wanted = Buffer.from(hash.slice('{SHA}'.length), 'base64');
      return timingSafeEqual(createHash('sha1').update(password).digest(), wanted);
    }
    if (hash.startsWith('$apr1$')) {
      const [, , salt = ''] = hash.split('$');
      return timingSafeEqual(Buffer.from(apr1(password, salt)), Buffer.from(hash));
    }
    const loaded: Library & { default?: Library } = await import(String(workerData));
    const library = loaded.default ?? loaded;
    if (hash.startsWith('$argon2')) return library.argon2Verify({ hash, password });
    // It looks at no more than 72 octets, whoever made the hash.
    return library.bcryptVerify({ hash, password: password.subarray(0, 72) });
  }

  function md5(...parts: readonly (string | Uint8Array)[]): Buffer {
    const hash = createHash('md5');
    for (const part of parts) hash.update(part);
    return hash.digest();
  }

  /** The MD5 of crypt(3) as Apache marks it: a thousand rounds over password, salt and what came out before. */
  function apr1(password: Uint8Array, saltText: string): string {
    const salt = Buffer.from(saltText, 'latin1');
    const inner = md5(password, salt, password);
    const parts: Uint8Array[] = [password, Buffer.from('$apr1$'), salt];
    for (let left = password.length; left > 0; left -= 16) parts.push(inner.subarray(0, Math.min(16, left)));
    // For each bit of the length, a zero or the first octet of the password.
    for (let bits = password.length; bits > 0; bits >>= 1) {
      parts.push((bits & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1));
    }
    let digest = md5(...parts);
    for (let round = 0; round < 1000; round++) {
      const isOdd = round % 2 === 1;
      digest = md5(
        isOdd ? password : digest,
        round % 3 === 0 ? '' : salt,
        round % 7 === 0 ? '' : password,
        isOdd ? digest : password,
      );
    }
    return `$apr1$${saltText}$${apr1Text(digest)}`;
  }

  /** In the order and the alphabet of crypt(3): three octets in four characters, the lowest bits first. */
  function apr1Text(digest: Buffer): string {
    const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const octet = (at: number): number => digest[at] ?? 0;
    const groups = [0, 1, 2, 3, 4].map(
      at => [(octet(at) << 16) | (octet(at + 6) << 8) | octet(at === 4 ? 5 : at + 12), 4] as const,
    );
    let text = '';
    for (const [group, characters] of [...groups, [octet(11), 2] as const]) {
      for (let at = 0; at < characters; at++) text += alphabet[(group >> (6 * at)) & 63];
    }
    return text;
  }

  parentPort?.on('message', async (task: PasswordTask) => {
    parentPort.postMessage(await belong(task));
  });
}
