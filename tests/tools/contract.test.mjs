// tools/contract-changes.js: each kind of break is found, and what is none is passed over.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';

const { breaks, checkContract, readAdmitted } = createRequire(import.meta.url)('../../tools/contract-changes.js');

const CONTRACT = `
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1}}]
    get:
      x-right: viewer
      parameters:
        - {name: sort, in: query, schema: {type: string, enum: [name, size]}}
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
      responses:
        '200': {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}, text/plain: {schema: {type: string}}}}
        '404': {content: {}}
    post:
      x-right: operator
      x-body-limit: 100000
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/ThingWrite'}}}}
      responses:
        '201': {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
  /others:
    get: {x-right: public, responses: {'204': {}}}
components:
  schemas:
    Thing:
      type: object
      required: [name, kind, parts]
      properties:
        name: {type: string}
        kind: {type: string, enum: [big, small]}
        size: {type: [integer, 'null']}
        parts: {type: array, items: {$ref: '#/components/schemas/Part'}}
        where: {oneOf: [{$ref: '#/components/schemas/Part'}, {type: string}]}
    Part: {type: object, required: [n], properties: {n: {type: integer}, inside: {$ref: '#/components/schemas/Part'}}}
    ThingWrite:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 80}
        kind: {type: string, enum: [big, small]}
        size: {type: number}
        parts: {type: array, maxItems: 10, items: {type: string}}
`;

function changed(...changes) {
	let text = CONTRACT;
	for (const [from, to] of changes) {
		assert.ok(text.includes(from), from);
		text = text.replace(from, to);
	}
	return breaks(CONTRACT, text);
}

const BREAKING = [
	['a path', ['  /others:\n    get: {x-right: public, responses: {\'204\': {}}}\n', ''], /^\/others: the path is gone$/],
	['a method', ['    post:\n', '    put:\n'], /POST \/things\/\{id\}: the method is gone/],
	['a higher right', ['x-right: viewer', 'x-right: admin'], /GET \/things\/\{id\}: needed viewer, needs admin/],
	['a parameter', ['        - {name: limit, in: query, schema: {type: integer, maximum: 100}}\n', ''], /parameter limit is gone/],
	['a parameter that must be sent', ['{name: limit, in: query,', '{name: limit, in: query, required: true,'], /parameter limit must be sent/],
	['a new one that must be sent', ['        - {name: limit', '        - {name: more, in: query, required: true, schema: {type: string}}\n        - {name: limit'], /parameter more must be sent/],
	['a value of a parameter', ['enum: [name, size]', 'enum: [name]'], /\?sort: value "size" is gone/],
	['a narrower bound', ['maximum: 100', 'maximum: 50'], /\?limit: maximum was 100, is 50/],
	['a bound where there was none', ['{name: id, in: path, required: true, schema: {type: integer, minimum: 1}}', '{name: id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 5}}'], /\?id: maximum was none, is 5/],
	['a smaller body', ['x-body-limit: 100000', 'x-body-limit: 70000'], /the body had 100000 bytes at most, has 70000/],
	['a body that must be sent', ['requestBody: {content:', 'requestBody: {required: true, content:'], /a body must be sent/],
	['a member that is sent', ['        size: {type: number}\n', ''], /ThingWrite \(sent\): member size is gone/],
	['a member that must be sent', ['required: [name]\n', 'required: [name, size]\n'], /ThingWrite \(sent\): member size must be sent/],
	['a narrower type that is sent', ['size: {type: number}', 'size: {type: integer}'], /ThingWrite \(sent\)\.size: type was number, is integer/],
	['a value that is sent', ['maxLength: 80}\n        kind: {type: string, enum: [big, small]}', 'maxLength: 80}\n        kind: {type: string, enum: [big]}'], /ThingWrite \(sent\)\.kind: value "small" is gone/],
	['only some values', ['name: {type: string, maxLength: 80}', 'name: {type: string, maxLength: 80, enum: [a, b]}'], /ThingWrite \(sent\)\.name: only some values are taken/],
	['a pattern', ['name: {type: string, maxLength: 80}', "name: {type: string, maxLength: 80, pattern: '^a'}"], /pattern was none, is \^a/],
	['fewer items', ['maxItems: 10', 'maxItems: 5'], /ThingWrite \(sent\)\.parts: maxItems was 10, is 5/],
	['another type of items', ['maxItems: 10, items: {type: string}', 'maxItems: 10, items: {type: integer}'], /ThingWrite \(sent\)\.parts\[\]: type was string, is integer/],
	['an answer', ["'201':", "'202':"], /POST \/things\/\{id\}: the answer 201 is gone/],
	['a content type', [', text/plain: {schema: {type: string}}', ''], /content type text\/plain is gone/],
	['a member that is answered', ['        size: {type: [integer, \'null\']}\n', ''], /Thing \(answered\): member size is gone/],
	['a member that may be missing', ['required: [name, kind, parts]', 'required: [name, kind]'], /Thing \(answered\): member parts may be missing/],
	['a wider type that is answered', ['        name: {type: string}\n', "        name: {type: [string, 'null']}\n"], /Thing \(answered\)\.name: type was string, is string, null/],
	['a value that was answered', ['kind: {type: string, enum: [big, small]}\n        size: {type: [', 'kind: {type: string, enum: [small]}\n        size: {type: ['], /Thing \(answered\)\.kind: value "big" is gone/],
	['a member deep inside', ['properties: {n: {type: integer}, inside', 'properties: {m: {type: integer}, inside'], /Part \(answered\): member n is gone/],
	['an alternative more', ['Part\'}, {type: string}]', 'Part\'}, {type: string}, {type: boolean}]'], /where: may also be/],
	['an alternative', ['oneOf: [{$ref: \'#/components/schemas/Part\'}, {type: string}]', 'oneOf: [{type: string}]'], /the alternative Part is gone/],
];

for (const [what, change, expected] of BREAKING)
	test(`breaks: ${what}`, () => {
		const found = changed(change);
		assert.ok(found.length > 0, 'nothing is found');
		assert.ok(found.some((line) => expected.test(line)), found.join('\n'));
	});

test('more is no break: operations, parameters, members, values, wider bounds, lower rights', () => {
	assert.deepEqual(breaks(CONTRACT, CONTRACT), []);
	for (const change of [
		['  /others:\n', '  /more:\n    get: {x-right: admin, responses: {\'204\': {}}}\n  /others:\n'],
		['        - {name: limit', '        - {name: more, in: query, schema: {type: string}}\n        - {name: limit'],
		['maximum: 100', 'maximum: 1000'],
		['x-right: operator', 'x-right: viewer'],
		['        size: {type: number}\n', "        size: {type: [number, 'null']}\n        more: {type: string}\n"],
		['        size: {type: [integer, \'null\']}\n', '        size: {type: integer}\n        more: {type: string}\n'],
		['required: [name, kind, parts]', 'required: [name, kind, parts, size]'],
		['enum: [big, small]}\n        size: {type: number}', 'enum: [big, small, tiny]}\n        size: {type: number}'],
		['x-body-limit: 100000', 'x-body-limit: 200000'],
		["'204': {}", "'204': {}, '200': {}"],
	])
		assert.deepEqual(changed(change), [], change[1]);
});

test('a break is admitted with a reason, and only while it is one', () => {
	const files = { 'old.yaml': CONTRACT, 'api/openapi.yaml': CONTRACT.replace('x-right: viewer', 'x-right: admin'), 'api/released/breaks.txt': '' };
	const check = (text) => checkContract((file) => (file === 'api/released/breaks.txt' ? text : files[file]), ['old.yaml']);
	assert.match(check('').join('\n'), /^api\/openapi\.yaml: GET \/things\/\{id\}: needed viewer, needs admin \(CONTRIBUTING/);
	assert.deepEqual(check('# why\nGET /things/{id}: needed viewer, needs admin\n  it shows secrets,\n  and did so by mistake\n'), []);
	assert.match(check('GET /things/{id}: needed viewer, needs admin\n').join('\n'), /no reason/);
	assert.match(check('GET /things/{id}: needed viewer, needs admin\n  why\n/gone: the path is gone\n  why\n').join('\n'), /does not break any more/);
	assert.deepEqual(readAdmitted('  lost\n').wrong, ['api/released/breaks.txt:1: a reason of nothing']);
	assert.match(checkContract(() => '', []).join(), /one contract is kept/);
});
