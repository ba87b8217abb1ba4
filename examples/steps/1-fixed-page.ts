// Step 1: a web server that knows one page.
//
// A web server waits for TCP connections, reads text and writes text back. That is all there is to it;
// the steps after this one only decide better what to write.
//
//   run it:  npx tsx examples/steps/1-fixed-page.ts     (Node 22.18 and later: node instead of npx tsx)
//   ask it:  curl -v http://127.0.0.1:8080/             or open that address in a browser
import { createServer } from 'node:net';

const port = Number(process.env.PORT ?? 8080); // PORT=9000 chooses another one, PORT=0 any free one.

// Each line of an answer's head ends in CR LF (\r\n). An empty line ends the head; what follows is the content.
const answer = [
  'HTTP/1.1 200 OK', // The status line: version, status code, a phrase for humans.
  'Server: step-1', // A field: a name, a colon, a value.
  'Connection: close', // The content ends where the connection ends, and no second request is read.
  '',
  '<!doctype html><title>Step 1</title><h1>Hello from a TCP socket</h1>\n',
].join('\r\n');

// createServer asks the system for a socket. Every client that connects gets a connection of its own.
const server = createServer(connection => {
  connection.once('data', bytes => {
    console.dir(bytes.toString('latin1')); // What the client said, with its \r\n made visible.
    connection.end(answer); // Write the answer, then close our side.
  });
});

// listen is "bind" and "listen" of other languages in one. 127.0.0.1 means: only programs on this machine can
// connect. The backlog is how many clients the system lets queue while we have not yet accepted them.
// Address reuse (SO_REUSEADDR), which lets a restarted server take its port back at once although the system
// still remembers old connections on it, is set by Node itself on every server socket.
server.listen({ port, host: '127.0.0.1', backlog: 128 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    console.log(`Listening on http://127.0.0.1:${address.port}/ (Ctrl-C stops)`);
  }
});
