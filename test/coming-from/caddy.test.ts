import assert from 'node:assert/strict';
import { hold, type Look, type Probe, stored } from './hold.ts';
import { certificate, type Peer } from './sides.ts';

/** npm brings no Caddy, so only this side is run. */
const caddy: Peer = { file: '', bare: '', words: () => [] };

const page = { Accept: 'text/html' };
const front: Probe = { looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }] };
const leads = (from: string, location: string, status: number): Look => ({
  ask: from,
  status,
  fields: { location },
});

const probes: Readonly<Record<string, Probe>> = {
  'caddy file-server --root dist': front,
  'caddy file-server --root dist --listen 127.0.0.1:9000': front,
  'caddy file-server --root dist --browse': {
    looks: [
      { ask: '/files/', with: page, status: 200, text: /<!doctype html>[\s\S]*a\.txt/ },
      { ask: '/files/', with: { Accept: 'application/json' }, text: /"name": "a\.txt"/ },
      { ask: '/files/', with: { Accept: 'text/plain' }, text: / a\.txt$/m },
    ],
  },
  'caddy file-server --root dist --access-log': { looks: [{ ask: '/about' }], says: /^\{.*"\/about".*\}$/m },
  'caddy file-server --root dist --no-compress': {
    looks: [
      { ask: '/app.js', with: { 'Accept-Encoding': 'gzip' }, fields: { 'content-encoding': undefined } },
    ],
  },
  'caddy file-server --root dist --precompressed': stored('br'),
  'caddy file-server --root dist --templates': {},
  'handle_path /manuals/* { root * manuals file_server }': {
    files: { 'manuals/a.txt': 'a manual' },
    looks: [
      { ask: '/manuals/a.txt', status: 200, text: 'a manual' },
      { ask: '/', status: 200, text: '<h1>front</h1>' },
    ],
  },
  'http://example.org { root * other file_server }': {
    files: { 'other/index.html': 'another' },
    looks: [
      { ask: '/', with: { Host: 'example.org' }, status: 200, text: 'another' },
      { ask: '/', with: { Host: 'example.net' }, status: 200, text: '<h1>front</h1>' },
    ],
  },
  'tls cert.pem key.pem': {
    files: certificate(),
    looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
    also: async ({ isSecure }) => assert.ok(isSecure),
  },
  'bind unix//run/site.sock': front,
  'encode zstd gzip': {
    looks: [{ ask: '/app.js', with: { 'Accept-Encoding': 'gzip' }, fields: { 'content-encoding': 'gzip' } }],
  },
  'try_files {path} {path}.html': { looks: [{ ask: '/about', status: 200, text: '<h1>about</h1>' }] },
  'try_files {path} /index.html': {
    looks: [
      { ask: '/users/7', with: page, status: 200, text: '<h1>front</h1>' },
      { ask: '/missing.js', with: page, status: 404 },
    ],
  },
  'redir /old /about permanent': { looks: [leads('/old', '/about', 301)] },
  'redir /old/* /about': { looks: [leads('/old/x', '/about', 302)] },
  'rewrite /old /about.html': { looks: [{ ask: '/old', status: 200, text: '<h1>about</h1>' }] },
  'respond /gone/* 410': { looks: [{ ask: '/gone/x', status: 410 }] },
  'header X-Frame-Options DENY': { looks: [{ ask: '/', fields: { 'x-frame-options': 'DENY' } }] },
  'header -ETag': { looks: [{ ask: '/', fields: { etag: undefined } }] },
  'header /img/* Cache-Control max-age=3600': {
    files: { 'dist/img/a.svg': '<svg/>' },
    looks: [
      { ask: '/img/a.svg', fields: { 'cache-control': 'max-age=3600' } },
      { ask: '/', fields: { 'cache-control': 'no-cache' } },
    ],
  },
  'handle_errors { rewrite * /{err.status_code}.html file_server }': {
    files: { 'dist/404.html': 'lost' },
    looks: [{ ask: '/none/at/all', with: page, status: 404, text: 'lost' }],
  },
  'basic_auth { ann $2a$14$… }': {
    files: { users: 'ann:$apr1$bY9VJO86$chgzarqw7BwknCXkY3lkv1\n' },
    looks: [
      { ask: '/', status: 401 },
      { ask: '/', with: { Authorization: `Basic ${btoa('ann:secret')}` }, status: 200 },
    ],
  },
  'file_server { hide *.map }': {
    files: { 'dist/app.js.map': '{}' },
    looks: [
      { ask: '/app.js.map', status: 404 },
      { ask: '/.secret', status: 404 },
    ],
  },
  'file_server { index home.html }': {
    files: { 'dist/docs/index.html': '->none', 'dist/docs/home.html': 'at home' },
    looks: [{ ask: '/docs/', status: 200, text: 'at home' }],
  },
  '@others not remote_ip 127.0.0.0/8': front,
  'servers { trusted_proxies static 127.0.0.1 }': {
    looks: [
      { ask: '/', with: { 'X-Forwarded-For': '192.0.2.7' }, status: 403 },
      { ask: '/', with: { 'X-Forwarded-For': '198.51.100.7' }, status: 200 },
    ],
  },
  'grace_period 5s': front,
  'reverse_proxy 127.0.0.1:9': {},
  templates: {},
};

hold('Caddy', caddy, probes);
