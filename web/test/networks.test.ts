import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwn } from '../src/lib/networks';

test('loopback, private networks and this host itself are no culprits; all else may be one', () => {
  for (const client of [
    'localhost[127.0.0.1]',
    'localhost[::1]',
    'unknown[10.0.5.6]',
    'filter[192.168.1.2]',
    'a[172.16.0.1]',
    'a[172.31.9.9]',
    'a[169.254.0.1]',
    'a[fd00::1]',
    'a[IPv6:fe80::1]',
    'a[::ffff:127.0.0.1]',
    'Mail.Example[203.0.113.9]',
  ])
    assert.equal(isOwn(client, 'mail.example'), true, client);
  for (const client of [
    'web1.shop.example[192.0.2.10]',
    'a[172.32.0.1]',
    'a[128.0.0.1]',
    'localhost[203.0.113.7]',
    'a[2001:db8::1]',
    'other.example[203.0.113.9]',
    '',
    '127.0.0.1',
  ])
    assert.equal(isOwn(client, 'mail.example'), false, client);
});
