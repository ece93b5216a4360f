import assert from 'node:assert/strict';
import { test } from 'node:test';
import runbooks from 'runbooks';
import { linksOf, parseRunbook } from '../build/runbooks.mjs';

test('a runbook becomes blocks, and its words pieces', () => {
  const text = [
    '# Title',
    '',
    'Press **Hold** (`postsuper -h`),',
    'see [loop](loop.md).',
    '',
    '## Never',
    '',
    '1. one,',
    '   still one',
    '2. two',
    '',
    '| a | b |',
    '|---|---|',
    '| `x` | y |',
    '',
    '```sh',
    'postqueue -p',
    '',
    'postconf -n',
    '```',
    '',
  ].join('\n');
  const runbook = parseRunbook('name', text);
  assert.deepEqual(runbook, {
    name: 'name',
    title: 'Title',
    blocks: [
      {
        kind: 'paragraph',
        text: ['Press ', { bold: 'Hold' }, ' (', { code: 'postsuper -h' }, '), see ', { to: 'loop', text: 'loop' }, '.'],
      },
      { kind: 'heading', text: 'Never' },
      { kind: 'list', ordered: true, items: [['one, still one'], ['two']] },
      { kind: 'table', head: [['a'], ['b']], rows: [[[{ code: 'x' }], ['y']]] },
      { kind: 'fence', what: 'sh', text: 'postqueue -p\n\npostconf -n' },
    ],
  });
  assert.deepEqual(linksOf(runbook), ['loop']);
});

test('what is none of the part of Markdown that runbooks are written in is refused with its line', () => {
  const wrong: [string, RegExp][] = [
    ['No title', /name\.md:1: the first line is the title/],
    ['# T\n\n## Heading first', /below the title stands what it means/],
    ['# T\n\nText\n## No empty line', /name\.md:4: an empty line belongs before this/],
    ['# T\n\n\nText', /one empty line is enough/],
    ['# T\n\nText\n\n> Quoted', /name\.md:5: this is not of the part of Markdown/],
    ['# T\n\nText\n\n### Deep', /name\.md:5: this is not of the part/],
    ['# T\n\nText\n\n<b>x</b>', /name\.md:5: this is not of the part/],
    ['# T\n\nText <script>', /neither code, nor bold, nor a link/],
    ['# T\n\nText `open', /neither code/],
    ['# T\n\nText **open', /neither code/],
    ['# T\n\n[x](https://shop.example/)', /a link leads to another runbook/],
    ['# T\n\n[x](../README.md)', /a link leads to another runbook/],
    ['# T\n\nText\n\n1. one\n3. three', /name\.md:6: the next item begins with "2\. "/],
    ['# T\n\nText\n\n- one\nnot indented', /name\.md:6: further lines of an item are indented/],
    ['# T\n\nText\n\n```js\nx\n```', /a fence is sh, log, text/],
    ['# T\n\nText\n\n```sh\nx', /the fence does not end/],
    ['# T\n\nText\n\n```sh\n```', /nothing stands in the fence/],
    ['# T\n\nText\n\n| a |\n| b |', /below the head of a table stands/],
    ['# T\n\nText\n\n| a |\n|---|\n| b | c |', /name\.md:7: this row has 2 cells, its head 1|2 cells/],
    ['# T\n\nText\n\n# Another', /one title/],
  ];
  for (const [text, message] of wrong) assert.throws(() => parseRunbook('name', text), message, text);
});

test('each runbook of the product says the same in the same order', () => {
  const order = ['Be sure', 'Do this', 'What happens to the mail', 'Never', 'It is over when', 'So that it does not come again'];
  assert.ok(runbooks.length >= 17);
  for (const { name, blocks } of runbooks)
    assert.deepEqual(
      blocks.flatMap((block) => (block.kind === 'heading' ? [block.text] : [])),
      order,
      name,
    );
});
