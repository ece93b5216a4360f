import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { catalogues, entries, sayings } from '../build/words.mjs';
import { wordsIn } from '../build/check-words.mjs';
import { andList, count, dayOf, exact, orList, sinceWhen, size, took, when, writeFor } from '../src/lib/format';
import { formOf, n } from '../src/words/number';

declare const WEB: string;

const { en, de, writeFor: writeCatalogues } = await catalogues(WEB);
const english = new Map(entries(en));
const german = new Map(entries(de));

/* Names, commands, addresses and words that both languages share. */
const SAME = [
  /\.command$/,
  /^W\.(none|nullSender|more|signedInAs|ascending|descending)$/,
  /^W\.(theme\.system|signIn\.name|filter|groups\.field\.(remote_domain|client|login)|chart\.(by\.(recipient_domain|login)|preset\.)|shape\.age)/,
  /^W\.(queue\.maildrop\.name|columns\.code|openRow|live\.live|fields\.queue|atOnce|afterGrace|builtInViews\.bounces)/,
  /^W\.(figures\.(version|growth|perMinute)|queue\.maildrop\.state|compared\.size)$/,
  /^W\.incidents\.(growth|kind\.(name_service|postfix|backscatter|blind))/,
  /^W\.incidents\.heads\.(chart|growth)$/,
  /^W\.(jobs\.title|inTime|fields\.login)$/,
  /^actionDialogWords\.domains$/,
  /^messagePageWords\.(detail\.(client|login|helo|event\.(message_id|other))|content\.(tab\.(text|html)|partName))$/,
  /^W\.(groups\.field|chart\.what)\.\w+$/,
  /^accountsPageWords\.(name|of)$/,
  /^oneTimeWords\.step\.code$/,
  /^auditPageWords\.status$/,
  /^accountPageWords\.(facts\.name|sessions\.browser|tokens\.secret)$/,
  /^alertsPageWords\.(of|sent\.(test|status|took)|sent\.what\.test|kinds\.\w+\.name|fields\.(name|urlHint\.\w+|relay|template)|rules\.name|heartbeat\.urlHint|sentence\.span)$/,
  /^helpPageWords\.(help\.(filter|examples\.\d\.0)|keys\.\d+\.0)$/,
  /^paletteWords\.(onMarked|kind\.filter)$/,
  /^pauseWords\.(kind\.(domain|provider|login)|state\.in_force)$/,
  /^pauseDialogWords\.(example\.\w+|key\.(domain|login)|ends\.[14])$/,
  /^probeWords\.(took|step\.(route|mx|tlsa|ehlo|starttls|ehlo_tls|quit))$/,
  /^lookedWords\.job$/,
  /^traceWords\.messageId$/,
];

test('every language has the same keys, and no key is empty in one alone', () => {
  assert.deepEqual([...german.keys()].sort(), [...english.keys()].sort());
  for (const [key, words] of english) {
    const other = german.get(key)!;
    assert.equal(typeof other, typeof words, key);
    if (typeof words === 'string') assert.equal(other === '', words === '', key);
  }
});

test('a text is translated, or is one of those that both languages share', () => {
  writeCatalogues('en-GB', false);
  const same = [...english].filter(([key, words]) => {
    const other = sayings(german.get(key)!);
    return sayings(words).some((saying) => other.includes(saying) && /\p{L}{3}/u.test(saying));
  });
  assert.deepEqual(
    same.map(([key]) => key).filter((key) => !SAME.some((pattern) => pattern.test(key))),
    [],
  );
});

test('a sentence has the same parts in every language', () => {
  const parts = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([part]) => part).sort();
  for (const [key, words] of english) {
    const wanted = new Set(sayings(words).map((saying) => parts(saying).join()));
    for (const saying of sayings(german.get(key)!)) assert.ok(wanted.has(parts(saying).join()), `${key}: ${saying}`);
  }
});

test('the hint for the text of an alert names fields that there are', () => {
  const manual = readFileSync(`${WEB}/../man/postroom-alerts.7`, 'utf8');
  for (const words of [english, german]) {
    const fields = [...String(words.get('alertsPageWords.fields.templateHint')).matchAll(/{{(\w+)}}/g)].map(([, field]) => field);
    assert.ok(fields.length > 2);
    for (const field of fields) assert.match(manual, new RegExp(`^\\.It Cm (\\w+ , )*${field}( |$)`, 'm'), field);
  }
});

test('German speaks to nobody (docs/guide/language.md)', () => {
  const folder = `${WEB}/src/words/de`;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  assert.ok(files.length > 30);
  /* Where a sentence begins, "Sie" may be a message. */
  const spoken = /[^.:?!–|'`(„] (Sie|Ihnen|Ihre?[mnrs]?|du|dich|dir|deine?[mnrs]?)\b/;
  for (const file of files) assert.doesNotMatch(readFileSync(`${folder}/${file}`, 'utf8'), spoken, file);
});

test('no plural form says its number otherwise than the language writes it', () => {
  writeCatalogues('de-DE', false);
  const functions = [...german].filter(([, words]) => typeof words === 'function');
  for (const [key, words] of functions) for (const saying of sayings(words)) assert.doesNotMatch(saying, /1,234,567|(^| )#( |$)/, key);
  writeCatalogues('en-GB', false);
});

test('a number chooses its form by the language', () => {
  assert.deepEqual(
    [0, 1, 2, 1204].map((value) => n(value, { one: '# message', other: '# messages' })),
    ['0 messages', '1 message', '2 messages', '1,204 messages'],
  );
  writeFor('pl', false);
  assert.deepEqual(
    [1, 2, 5].map((value) => formOf(value, { one: 'wiadomość', few: 'wiadomości', many: 'wiadomości (many)', other: 'x' })),
    ['wiadomość', 'wiadomości', 'wiadomości (many)'],
  );
  assert.equal(formOf(2, { other: 'all' }), 'all');
  writeFor('en-GB', false);
});

test('numbers, lists and times are written as the reader writes them', () => {
  const now = new Date(2026, 10, 22, 14, 5, 9).getTime();
  const before = new Date(2026, 10, 3, 9, 1, 2).toISOString();
  const lines = (): string[] => [
    count(12_431),
    size(4200),
    took(1250),
    andList(['a', 'b', 'c']),
    orList(['a', 'b']),
    when(before, now),
    when(new Date(2024, 1, 3).toISOString(), now),
    sinceWhen(new Date(2026, 10, 21, 17, 45).toISOString(), now),
    dayOf(before),
  ];
  try {
    writeFor('de-DE', false);
    assert.deepEqual(lines(), [
      '12.431',
      '4,2 kB',
      '1,3 s',
      'a, b und c',
      'a oder b',
      '3. Nov. 09:01',
      '3. Feb. 2024',
      'Sa 17:45',
      '3. Nov.',
    ]);
    writeFor('en-US', false);
    assert.equal(lines()[5], 'Nov 3 09:01');
    writeFor('de-DE', true);
    assert.deepEqual(lines().slice(5), ['2026-11-03 09:01', '2024-02-03', 'Sa 17:45', '2026-11-03']);
    assert.match(exact(before), /^2026-11-03 09:01:02 /);
  } finally {
    writeFor('en-GB', false);
  }
});

test('words outside of the catalogues are found', () => {
  const found = (text: string): number => wordsIn(text, 'x.tsx').length;
  const wrong = [
    'const a = <p>Some words</p>;',
    'const a = <p>{ok && "words"}</p>;',
    'const a = <input placeholder="Name" />;',
    'const a = <b title={`${x} of them`} />;',
    'say("The job is done");',
    'const LABEL = { a: "Delete all" };',
    "import { W } from '../words'; const A = W.live.pause;",
  ];
  for (const text of wrong) assert.ok(found(text) > 0, text);
  const right = [
    'const a = <p class="muted small-text">{W.loading} → {count(3)}</p>;',
    'const a = <code>postqueue -f</code>;',
    "if (event.key === 'Enter') close();",
    "import { W } from '../words'; const A = () => W.live.pause; const B = Object.keys(W.live);",
  ];
  for (const text of right) assert.equal(found(text), 0, text);
});
