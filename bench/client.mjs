// The bench's own client, for what wrk does not do:
//
//     node client.mjs download <port> <target> <seconds>     one connection at a time, whole answers one after the other
//     node client.mjs hold <port> <target> <connections>     takes a whole answer on each, then keeps it idle
//     node client.mjs stall <port> <target> <connections>    takes the beginning of an answer on each and no more
//
// A further argument is the length that the content of each answer has to have.
//
// It prints one line of JSON, {"downloads","bytes","seconds"}, or {"held"} when every connection is where it should
// be, and then waits to be ended. Where something else came it says what on standard error and ends with 1.
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { connect } from 'node:net';

// Wide enough for a queue of 511 that a busy server empties now and then.
const connectingMax = 200;
const downloadsMin = 3;
const buffer = Buffer.allocUnsafe(1024 * 1024);

const [task, port, target, amount, lengthWanted] = process.argv.slice(2);
const request = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;

if (task === 'download') await download(Number(amount));
else await hold(Number(amount), task === 'stall');

async function download(seconds) {
  const beganMs = performance.now();
  let [downloads, bytes] = [0, 0];
  while (downloads < downloadsMin || performance.now() - beganMs < seconds * 1000) {
    bytes += await downloadOnce();
    downloads++;
  }
  tell({ downloads, bytes, seconds: (performance.now() - beganMs) / 1000 });
}

/** The bytes of content of one answer, over a connection of its own. */
async function downloadOnce() {
  let wanted = -1;
  let bytes = 0;
  // One buffer for all reads: what is measured is the server.
  const onread = {
    buffer,
    callback: length => {
      bytes += length;
      if (wanted === -1) {
        const { contentLength, headBytes } = readHead(buffer.subarray(0, length)) ?? fail('a head in pieces');
        wanted = headBytes + contentLength;
      }
      if (bytes >= wanted) socket.destroy();
      return true;
    },
  };
  const socket = connect({ port: Number(port), host: '127.0.0.1', onread });
  socket.once('error', error => fail(error.message));
  socket.write(request);
  await once(socket, 'close');
  if (bytes !== wanted) fail(`${bytes} bytes came where ${wanted} were announced`);
  return bytes;
}

async function hold(connections, isStalling) {
  const sockets = new Set();
  let [opened, held] = [0, 0];
  await new Promise(resolve => {
    const openNext = () => {
      if (opened === connections) return;
      opened++;
      sockets.add(open(isStalling, settle));
    };
    const settle = () => {
      if (++held === connections) resolve();
      else openNext();
    };
    for (let first = 0; first < Math.min(connectingMax, connections); first++) openNext();
  });
  tell({ held });
  // Sockets that are not read from do not keep a process alive.
  setInterval(() => {}, 60_000);
}

function open(isStalling, settle) {
  let answer = Buffer.alloc(0);
  const socket = connect(Number(port), '127.0.0.1');
  socket.once('error', error => fail(error.message));
  socket.once('close', () => fail('a connection was closed'));
  socket.on('data', chunk => {
    answer = answer === undefined ? undefined : Buffer.concat([answer, chunk]);
    const head = answer === undefined ? undefined : readHead(answer);
    if (head === undefined) return;
    if (!isStalling && answer.length < head.headBytes + head.contentLength) return;
    answer = undefined;
    if (isStalling) socket.pause();
    settle();
  });
  socket.write(request);
  return socket;
}

/** Of a 200 with a length: how long head and content are. Undefined while the head is not whole. */
function readHead(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = bytes.toString('latin1', 0, end);
  if (!/^HTTP\/1\.[01] 200 /.test(head)) fail(`answered ${head.slice(0, 15)}`);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1] ?? fail('gave no Content-Length');
  if (lengthWanted !== undefined && length !== lengthWanted) fail(`announced ${length} bytes of content`);
  return { headBytes: end + 4, contentLength: Number(length) };
}

function tell(line) {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

function fail(why) {
  writeSync(2, `${why}\n`);
  process.exit(1);
}
