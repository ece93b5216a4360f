import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dom } from './dom';

dom();
const { matching, ofJobs, ofText, ofViews, settings } = await import('../src/palette/sources');

const kinds = (text: string): string[] => ofText(text).map(({ kind }) => kind);

test('a text is an ID, an address in queue and log, and always a filter', () => {
  assert.deepEqual(kinds('4jdQ2Y4Npqz8VsC'), ['id', 'filter']);
  assert.deepEqual(kinds('anna@shop.example'), ['log', 'log', 'filter']);
  assert.deepEqual(kinds('hotmail'), ['filter']);
  assert.deepEqual(kinds(''), []);
});

test('every word has to be found; what begins with the text comes first', () => {
  const all = [...settings(), ...ofViews([])];
  assert.equal(matching(all, 'maximal_q')[0]!.title, 'maximal_queue_lifetime');
  assert.deepEqual(
    matching(all, 'setting backoff').map(({ title }) => title),
    ['minimal_backoff_time', 'maximal_backoff_time'],
  );
  assert.deepEqual(matching(all, 'backoff nosuchword'), []);
  assert.ok(matching(all, 'held')[0]!.title === 'Held');
  assert.equal(matching(all, '').length, all.length);
});

test('a job is found by its number, its action, its filter and its note', () => {
  const job = { id: 7, action: 'hold', total: 436, by: 'anna', filter: 'login:info', note: 'ticket 12' } as Parameters<
    typeof ofJobs
  >[0][number];
  for (const text of ['7', 'hold', 'login:info', 'ticket', 'anna', 'job 436']) assert.equal(matching(ofJobs([job]), text).length, 1, text);
  assert.equal(matching(ofJobs([job]), 'delete').length, 0);
});
