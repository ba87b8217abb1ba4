import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inlineTextsOf } from '../../src/html/inline.ts';
import { outlineOf } from '../../src/html/outline.ts';

test('the beginning of a page is behind its head tag, or where a browser would open one', () => {
  // `|` stands where the script goes.
  const rows = [
    '<!doctype html><html lang=en><head profile=">">|<meta charset=utf-8>',
    ' <!-- a --> <!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN">\n<!-- b -->\n<html>\n<?x ?><head>|</head>',
    '<!doctype html><html>|<body><head>',
    '<!doctype html>|<title>a</title>',
    '<head>|<title>a</title>',
    '|<p>a',
    '|',
    '|text <html><head>',
    '|<!-- <html><head> --> text',
    '<html>|text <head>',
    '|</p><html><head>',
    '\ufeff|<p>',
    '\xef\xbb\xbf<!doctype html>|<p>',
    '|<template><html><head></template>',
    '|<textarea><html><head></textarea>',
    '<html>|<html><head>',
    '<html><!--> <head>|',
  ];
  for (const row of rows) {
    const html = row.replace('|', '');
    assert.equal(`${html.slice(0, outlineOf(html).start)}|${html.slice(outlineOf(html).start)}`, row);
  }
});

test('metas in comments, scripts, titles and templates do not count', () => {
  const html = `<meta name=a><!-- <meta name=b> --><script>'<meta name=c>'</script><title><meta name=d></title>
<template><template></template><meta name=e></template></template><meta name=f><p title="<meta name=g>"></meta name=h>`;
  const names = outlineOf(html).metas.map(({ attributes }) => attributes[0]?.value);
  assert.deepEqual(names, ['a', 'f']);
});

test('scripts and styles are found with their texts, in a template too', () => {
  const html =
    '<script src=a></script><script>1</script><style>p{}</style><template><script>2</script></template>';
  const { scripts, styles } = outlineOf(html);
  const texts = [...scripts, ...styles].map(({ text }) => html.slice(text?.start, text?.end));
  assert.deepEqual(texts, ['', '1', '2', 'p{}']);
});

test('what a page runs and wears from within itself is found, each text once, as a browser hashes it', () => {
  const html = `<script>a
b</script><script src=c></script><script>a
b</script><script type=application/json>{}</script><script type=" Module ">d</script><script type=importmap>e</script>
<style>p{}</style><svg><style>q{}</style></svg><p onclick="f(&#39;x&#39;)" title=on ONLOAD=g></p onclick=h>
<script></script><script type=text/plain>i</script><noscript><style>r{}</style></noscript><script>é\0</script>`;
  const expected = {
    scripts: ['a\nb', 'd', 'e', '', 'é\ufffd'],
    styles: ['p{}', 'q{}'],
    handlers: ["f('x')", 'g'],
  };
  for (const lines of ['\n', '\r\n', '\r'])
    assert.deepEqual(inlineTextsOf(Buffer.from(html.replaceAll('\n', lines))), expected);
  assert.equal(inlineTextsOf(Buffer.from('\ufeff<p>', 'utf16le')), undefined);
});
