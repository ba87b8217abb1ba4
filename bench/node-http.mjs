// What a careful hand would write on `node:http` alone, so that the bench shows what the platform's own HTTP costs:
//
//     node node-http.mjs <root> <port>
//
// It is kind to `node:http`: files up to 1 MiB stay in memory, and whether one is there and what it holds is looked
// at at most once a second, so that hardly a request of the table touches the disk. Larger files are streamed.
// GET and HEAD, validators, one range, 404.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';

const keptBytesMax = 1024 * 1024;
const keptFilesMax = 1000;
const freshMs = 1000;
const mediaTypes = { '.html': 'text/html; charset=utf-8', '.jpg': 'image/jpeg' };

const root = resolve(process.argv[2] ?? '.');
const port = Number(process.argv[3] ?? 8080);
const kept = new Map();

async function load(path) {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) return undefined;
  return {
    path,
    size: info.size,
    content: info.size <= keptBytesMax ? await readFile(path) : undefined,
    etag: `"${info.size.toString(16)}-${info.mtimeMs.toString(16)}"`,
    lastModified: info.mtime.toUTCString(),
    mediaType: mediaTypes[extname(path)] ?? 'application/octet-stream',
  };
}

async function find(target) {
  const known = kept.get(target);
  if (known !== undefined && Date.now() - known.lookedAtMs < freshMs) return known.file;
  const path = locate(target);
  const file = path === undefined ? undefined : await load(path);
  if (kept.size >= keptFilesMax) kept.clear();
  kept.set(target, { file, lookedAtMs: Date.now() });
  return file;
}

function locate(target) {
  try {
    const path = join(root, decodeURIComponent(target.split('?', 1)[0]));
    return path.startsWith(root + sep) && !path.includes('\0') ? path : undefined;
  } catch {
    return undefined; // A bad percent-escape names no file.
  }
}

/** The first and last byte that are wanted, 'whole', or 'unsatisfiable'. */
function range(field, size) {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(field ?? '') ?? [];
  if (first === '' && last === '') return 'whole';
  const from = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from > to ? 'unsatisfiable' : { from, to };
}

function send(response, status, fields, content) {
  response.writeHead(status, fields);
  response.end(content);
}

async function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, 405, { Allow: 'GET, HEAD' });
  const file = await find(request.url);
  if (file === undefined) return send(response, 404, { 'Content-Length': 10 }, 'Not found\n');
  const fields = { ETag: file.etag, 'Last-Modified': file.lastModified, 'Accept-Ranges': 'bytes' };
  if (request.headers['if-none-match'] === file.etag) return send(response, 304, fields);
  fields['Content-Type'] = file.mediaType;
  const wanted = range(request.headers.range, file.size);
  if (wanted === 'unsatisfiable') return send(response, 416, { 'Content-Range': `bytes */${file.size}` });
  const { from, to } = wanted === 'whole' ? { from: 0, to: file.size - 1 } : wanted;
  if (wanted !== 'whole') fields['Content-Range'] = `bytes ${from}-${to}/${file.size}`;
  fields['Content-Length'] = to - from + 1;
  const status = wanted === 'whole' ? 200 : 206;
  if (request.method === 'HEAD') return send(response, status, fields);
  if (file.content !== undefined) return send(response, status, fields, file.content.subarray(from, to + 1));
  response.writeHead(status, fields);
  createReadStream(file.path, { start: from, end: to }).pipe(response);
}

// The others keep an idle connection as long.
createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  answer(request, response).catch(() => response.destroy());
}).listen(port, '127.0.0.1');
