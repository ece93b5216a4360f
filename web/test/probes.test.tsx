import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'preact';
import type { Probe, ProbeStep } from '../src/api/types';
import { dom } from './dom';

dom();
const { ProbeResult } = await import('../src/probes/ProbeResult');
const { Probes } = await import('../src/probes/Probes');
const { isAbout, withProbe } = await import('../src/probes/useProbes');
const { me } = await import('../src/state/session');
const { domainsOf } = await import('../src/message/Tests');
const { probeWords } = await import('../src/words/probes');

const step = (name: ProbeStep['name'], outcome: ProbeStep['outcome'], more: Partial<ProbeStep> = {}): ProbeStep => ({
  name,
  host: null,
  outcome,
  took_ms: 12,
  text: 'It answers.',
  answer: null,
  ...more,
});

const probe = (id: number, more: Partial<Probe> = {}): Probe => ({
  id,
  kind: 'destination',
  domain: 'shop.example',
  incident: null,
  by: 'anna',
  at: new Date().toISOString(),
  state: 'done',
  outcome: 'ok',
  took_ms: 900,
  summary: 'Takes connections as it should.',
  steps: [],
  ...more,
});

function drawn(shown: Probe): Element {
  const box = document.createElement('div');
  render(<ProbeResult probe={shown} />, box);
  return box;
}

test('each step has its word, its time and the server’s own words, without markup of strangers', () => {
  const host = 'mx.shop.example[192.0.2.1]:25';
  const box = drawn(
    probe(1, {
      steps: [
        step('mx', 'ok'),
        step('connect', 'ok', { host, took_ms: 10_020 }),
        step('greeting', 'bad', { host, text: 'It refuses.', answer: '554 <b>no</b> \u202eevil' }),
      ],
    }),
  );
  const steps = [...box.querySelectorAll('.step')].map((each) => each.textContent!);
  assert.match(steps[0]!, /good: MXIt answers\.12 ms/);
  assert.match(steps[1]!, /Connectionmx\.shop\.example\[192\.0\.2\.1\]:25 It answers\.10\.0 s/);
  assert.match(steps[2]!, /bad: GreetingIt refuses\.554 <b>no<\/b> U\+202Eevil/);
  assert.ok(!steps[2]!.includes(host), 'the host stands once');
  assert.equal(box.querySelector('b'), null);
  assert.equal(box.querySelectorAll('svg').length, 4);
});

test('a test that runs says so until its end is known', () => {
  const text = drawn(probe(1, { state: 'running', outcome: null, summary: '' })).textContent!;
  assert.match(text, /shop\.example: being tested …/);
});

test('a test is shown where it is about: its incident, its destination, our own address', () => {
  const scope = { incident: '7', domains: ['Shop.example'], own: false };
  assert.ok(isAbout(probe(1), scope));
  assert.ok(isAbout(probe(1, { domain: 'other.example', incident: '7' }), scope));
  assert.ok(!isAbout(probe(1, { domain: 'other.example' }), scope));
  const own = probe(1, { kind: 'own_address', domain: null });
  assert.ok(!isAbout(own, scope));
  assert.ok(isAbout(own, { ...scope, own: true }));
  assert.ok(!isAbout(probe(1, { domain: 'other.example', incident: null }), { domains: [], own: true }));
});

test('a test that goes on takes its own place, the newest first', () => {
  const list = withProbe([probe(2), probe(1, { state: 'running' })], probe(1, { state: 'done' }));
  assert.deepEqual(
    list.map(({ id, state }) => [id, state]),
    [
      [2, 'done'],
      [1, 'done'],
    ],
  );
});

test('a list that was asked for before a test was begun, and comes after it, does not take it away', async () => {
  type Asked = { method: string; answer: (body: unknown) => Promise<void> };
  const asked: Asked[] = [];
  const settled = () => new Promise<void>((done) => setTimeout(done, 50));
  const untilAsked = async (count: number): Promise<void> => {
    while (asked.length < count) await settled();
  };
  const real = globalThis.fetch;
  globalThis.fetch = ((_: string, { method }: { method: string }) =>
    new Promise((resolve) => {
      asked.push({
        method,
        answer: (body) => {
          resolve(new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } }));
          return settled();
        },
      });
    })) as typeof fetch;
  me.value = { name: 'anna', role: 'operator', rights: ['viewer', 'operator'], version: '1' } as unknown as NonNullable<typeof me.value>;
  const box = document.createElement('div');
  render(<Probes domains={['shop.example']} own={false} />, box);
  await untilAsked(1);
  box.querySelector('button')!.click();
  await untilAsked(2);
  assert.deepEqual(
    asked.map(({ method }) => method),
    ['GET', 'POST'],
  );
  await asked[1]!.answer(probe(1));
  assert.match(box.textContent!, /Takes connections as it should/);
  await asked[0]!.answer({ probes: [] });
  assert.match(box.textContent!, /Takes connections as it should/);
  render(null, box);
  globalThis.fetch = real;
});

test('of a message the domains with most recipients come first, each once', () => {
  const recipients = ['a@one.example', 'b@Two.example', 'c@two.example', 'local'].map((address) => ({ address }));
  assert.deepEqual(domainsOf({ recipients } as unknown as Parameters<typeof domainsOf>[0]), ['two.example', 'one.example']);
});

test('every refusal says what to do', () => {
  for (const code of ['probe_not_queued', 'probe_busy', 'probe_too_many', 'notifier_unavailable'])
    assert.match(probeWords.refused[code] ?? '', /\.$/, code);
});
