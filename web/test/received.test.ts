import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receivedPath } from '../src/lib/received';

test('hops come in the order of the way, with their delays', () => {
  const hops = receivedPath([
    'from web01.example.com (web01.example.com [192.0.2.30]) by mail.example.com (Postfix) with ESMTPSA id 4dCz for <a@shop.example>; Sun, 22 Nov 2026 08:00:20 +0000',
    'from localhost (localhost [127.0.0.1]) by web01.example.com (Postfix) with SMTP id 1; Sun, 22 Nov 2026 09:59:58 +0200 (CEST)',
  ]);
  assert.equal(hops[0]!.by, 'web01.example.com (Postfix)');
  assert.equal(hops[0]!.delay, null);
  assert.equal(hops[1]!.from, 'web01.example.com (web01.example.com [192.0.2.30])');
  assert.equal(hops[1]!.protocol, 'ESMTPSA');
  assert.equal(hops[1]!.delay, 22);
});

test('what cannot be read is null', () => {
  const [hop] = receivedPath(['utter nonsense; never']);
  assert.deepEqual(hop, { from: null, by: null, protocol: null, at: null, delay: null });
  assert.deepEqual(receivedPath([]), []);
});

test('a hostile header of many parentheses ends', () => {
  assert.equal(receivedPath([`from ${'('.repeat(50_000)} by ${'x ('.repeat(20_000)}`]).length, 1);
});
