import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import {
  type Agreed,
  judgeAgreed,
  judgeOffer,
  offer,
  offering,
  opensslMissing,
  readAgreed,
} from '../../bench/offer.ts';
import { makeTlsFolder } from '../server/tls-fixture.ts';

const byOpenssl = `CONNECTION ESTABLISHED
Protocol version: TLSv1.3
Ciphersuite: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519, 253 bits
DONE
`;
const byH2load = `progress: 100% of clients started
TLS Protocol: TLSv1.3
Cipher: TLS_AES_256_GCM_SHA384
Server Temp Key: X25519 253 bits
Application protocol: h2
`;

test('what two ends agreed on is read from what clients print', () => {
  const rows: [printed: string, wanted: Agreed | undefined][] = [
    [byOpenssl, offer],
    [byOpenssl.replace('Server Temp', 'Peer Temp'), offer],
    [byOpenssl.replace('Server Temp Key: X25519, 253 bits', 'Negotiated TLS1.3 group: X25519'), offer],
    [byH2load, { ...offer, suite: 'TLS_AES_256_GCM_SHA384' }],
    [byOpenssl.replace('Ciphersuite', 'Something'), undefined],
    ['connect: Connection refused', undefined],
  ];
  for (const [printed, wanted] of rows) assert.deepEqual(readAgreed(printed), wanted);
});

test('anything else than what was offered has a reason', () => {
  assert.equal(judgeAgreed(offer), undefined);
  assert.equal(judgeAgreed(undefined), 'agreed to no offer of TLS');
  assert.match(
    judgeAgreed(readAgreed(byH2load)) ?? '',
    /^agreed on TLSv1\.3 TLS_AES_256_GCM_SHA384 X25519 where/,
  );
});

test('a server is offered one suite, whatever it would prefer', {
  skip: opensslMissing() ?? false,
}, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-offer-'));
  const tls = await makeTlsFolder();
  await tls.issue('server', ['127.0.0.1']);
  t.after(() => {
    rmSync(folder, { recursive: true });
    tls.remove();
  });
  const [cert, key] = ['server.crt', 'server.key'].map(name => readFileSync(tls.path(name)));
  const rows: [ciphers: string, wanted: RegExp | undefined][] = [
    ['TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256', undefined],
    ['TLS_AES_256_GCM_SHA384', /^agreed to no offer/],
  ];
  assert.deepEqual(Object.keys(offering(folder)), ['OPENSSL_CONF']);
  for (const [ciphers, wanted] of rows) {
    const server = createServer({ cert, key, ciphers, honorCipherOrder: true }, socket => {
      socket.on('error', () => {});
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const why = await judgeOffer((server.address() as AddressInfo).port, folder);
      if (wanted === undefined) assert.equal(why, undefined);
      else assert.match(why ?? '', wanted);
    } finally {
      server.close();
      await once(server, 'close');
    }
  }
});
