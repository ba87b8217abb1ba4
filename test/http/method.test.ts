import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKnownMethod, isToken } from '../../src/http/method.ts';

test('a token has at least one character and no delimiter, space or control', () => {
  for (const text of ['GET', 'get', 'X-Y', "!#$%&'*+-.^_`|~09azAZ"]) assert.equal(isToken(text), true, text);
  for (const text of [
    '',
    ' GET',
    'G T',
    'G\tT',
    'G\n',
    'G\0',
    'G:',
    'G/1',
    'G"',
    'G(',
    'G,',
    'G\x7f',
    'Ä',
    '{}',
  ]) {
    assert.equal(isToken(text), false, JSON.stringify(text));
  }
});

test('methods are known in upper case only', () => {
  const known =
    'GET HEAD OPTIONS POST PUT DELETE PATCH TRACE CONNECT PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK';
  for (const method of known.split(' ')) {
    assert.equal(isKnownMethod(method), true, method);
    assert.equal(isKnownMethod(method.toLowerCase()), false, method);
  }
});

test('what nobody has defined is not known', () => {
  for (const method of ['', 'FOO', 'GETS', 'constructor', '__proto__', 'GET ', 'PRI']) {
    assert.equal(isKnownMethod(method), false, method);
  }
});

test('every method in the IANA registry is known, but for the preface of HTTP/2', () => {
  const registered = `
    ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY
    MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PROPFIND PROPPATCH PUT REBIND
    REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL`;
  for (const method of registered.trim().split(/\s+/)) assert.equal(isKnownMethod(method), true, method);
});
