import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverTexts } from '../src/words/de/server';
import { said, speakServer, type Words } from '../src/words/server';
import { translated } from '../src/words/translated';

test('without a table, without words and without the code the text of the server stands', () => {
  const words = { code: 'preview_not_held', params: { count: 3 } };
  assert.equal(said('3 are not on hold.', words), '3 are not on hold.');
  speakServer(serverTexts);
  assert.equal(said('3 are not on hold.', words), '3 sind nicht angehalten.');
  assert.equal(said('1 is not on hold.', { ...words, params: { count: 1 } }), '1 ist nicht angehalten.');
  assert.equal(said('x', null), 'x');
  assert.equal(said('x', { code: 'of_a_later_version', params: {} }), 'x');
  assert.equal(said('3 are not on hold.', { ...words, params: {} }), '3 are not on hold.', 'a value that is missing');
  assert.equal(said(null, words), null);
  speakServer(null);
});

test('texts one behind the other are translated all or not at all', () => {
  speakServer(serverTexts);
  const then = { code: 'role_ended_signal', params: { signal: 9 } };
  const words = { code: 'role_reader_ended', params: {}, then };
  assert.equal(
    said('x', words),
    'Der Leseprozess läuft nicht: Was gezeigt wird, veraltet. Er wurde durch Signal 9 beendet und wird neu gestartet.',
  );
  assert.equal(said('x', { ...words, then: { ...then, code: 'of_a_later_version' } }), 'x');
  speakServer(null);
});

test('a value is text and never a place of its own', () => {
  speakServer({ a: 'Es sagte: {reply} ({n:size}, {key:title})', 'diagnosis.over-quota.title': 'Voll' });
  const params = { reply: '{n} <b>$&</b>', n: 4200, key: 'over-quota' };
  assert.equal(said('x', { code: 'a', params }), 'Es sagte: {n} <b>$&</b> (4.2 kB, Voll)');
  speakServer(null);
});

const words = (code: string, params: Words['params'] = {}): Words => ({ code, params });
const hours = (count: number) => [words('explain_hours', { count })];

test('texts within a text are translated with it, whole or not at all', () => {
  speakServer(serverTexts);
  const older = words('explain_age_more', { amount: hours(2) });
  const held = words('explain_not', { term: [words('explain_on_hold')] });
  const to = words('explain_no_contains', { field: 'to', value: 'shop' });
  const both = words('explain_any_of_within', { terms: [older, held] });
  const explained = (...terms: (Words | string)[]) => said('x', words('explain_messages', { which: [words('explain_all_of', { terms })] }));
  assert.equal(explained(older, held), 'Nachrichten: älter als 2 Stunden, nicht angehalten');
  assert.equal(explained(to, both), 'Nachrichten: kein Empfänger enthält „shop“, (älter als 2 Stunden oder nicht angehalten)');
  assert.equal(
    explained(words('explain_queues', { queues: ['deferred', 'hold'] })),
    'Nachrichten: in der Warteschlange deferred oder hold',
  );
  assert.equal(
    explained(words('explain_cause', { cause: 'over-quota' })),
    'Nachrichten: mit der Ursache „Das Postfach des Empfängers ist voll“',
  );
  assert.equal(explained(older, words('of_a_later_version')), 'x');
  assert.equal(explained('ein Wort eines anderen {n}'), 'Nachrichten: ein Wort eines anderen {n}');
  speakServer(null);
});

test('every field of a filter has its words in each place that takes them', () => {
  const text = ['id', 'from', 'to', 'domain', 'reason', 'cause', 'remote_host', 'client', 'login', 'helo', 'subject'];
  const several = ['to', 'domain', 'reason', 'cause', 'remote_host'];
  for (const [forms, fields] of [
    [['field'], text],
    [['one', 'no'], several],
  ] as const)
    for (const form of forms) for (const field of fields) assert.ok(serverTexts[`form.${form}_${field}`], `${form} ${field}`);
  const used = Object.values(serverTexts).flatMap((each) => [...each.matchAll(/\{\w+:(\w+)\}/g)].map(([, form]) => form!));
  const known = ['span', 'size', 'time', 'rate', 'title', 'day', 'field', 'one', 'no', 'and', 'or'];
  assert.deepEqual(
    [...new Set(used)].filter((form) => !known.includes(form)),
    [],
  );
});

test('an answer comes with its texts in the language, wherever they stand in it', () => {
  const answer = () => ({
    detail: null,
    detail_words: null,
    warnings: [{ text: '2 are not on hold.', words: { code: 'preview_not_held', params: { count: 2 } }, fix: 'x', fix_words: null }],
    incident: {
      title: 'Login info sends 30 a minute',
      title_words: { code: 'incident_flood_login', params: { key: 'info', rate: 302 } },
      evidence: [{ text: 'last took mail 40 min ago', words: { code: 'incident_last_took', params: { ago: 2400 } }, quote: null }],
    },
  });
  assert.deepEqual(translated(answer()), answer());
  speakServer(serverTexts);
  const { warnings, incident, detail } = translated(answer());
  assert.equal(detail, null);
  assert.equal(warnings[0]!.text, '2 sind nicht angehalten.');
  assert.equal(warnings[0]!.fix, 'x');
  assert.equal(incident.title, 'Login info sendet 30 pro Minute');
  assert.equal(incident.evidence[0]!.text, 'hat zuletzt vor 40 min Mails angenommen');
  speakServer(null);
});
