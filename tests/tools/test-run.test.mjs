// The runner: what fails must fail the run, whatever a suite's closing lines say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../harness/cleanup.mjs';

const runner = resolve(new URL('../../tools/test-run', import.meta.url).pathname);

function run(files, ...suites) {
	const root = temporaryDirectory('runner');
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(join(root, name, '..'), { recursive: true });
		writeFileSync(join(root, name), text);
	}
	// A test runner inside a test file would report to it; the environment says so, and must not.
	const { NODE_TEST_CONTEXT, ...env } = process.env;
	const result = spawnSync(process.execPath, [runner, '--root', root, ...suites], { encoding: 'utf8', env });
	return { status: result.status, last: result.stdout.trim().split('\n').pop(), out: result.stdout + result.stderr };
}

const file = (body) => `import test from 'node:test';\n${body}\n`;
const PASS = "test('good', () => {});";

test('all passed', () => {
	const { status, last, out } = run({ 'tests/system/a.test.mjs': file(`${PASS} test('b', () => {});`), 'tests/api/b.test.mjs': file(PASS) }, 'system', 'api');
	assert.equal(last, '3 passed, 0 failed', out);
	assert.equal(status, 0);
});

test('one failed', () => {
	const { status, last, out } = run({ 'tests/system/a.test.mjs': file(`${PASS} test('bad', () => { throw new Error('no'); });`), 'tests/api/b.test.mjs': file(PASS) }, 'system', 'api');
	assert.equal(last, '2 passed, 1 failed', out);
	assert.equal(status, 1);
});

test('one skipped is said', () => {
	const { status, last, out } = run({ 'tests/system/a.test.mjs': file(`${PASS} test('later', { skip: true }, () => {});`) }, 'system');
	assert.equal(last, '1 passed, 0 failed, 1 skipped', out);
	assert.equal(status, 0);
});

test('a file that does not load is a failure', () => {
	const { status, last } = run({ 'tests/system/a.test.mjs': 'import "./not-there.mjs";\n', 'tests/api/b.test.mjs': file(PASS) }, 'system', 'api');
	assert.match(last, /^1 passed, [1-9]\d* failed/);
	assert.equal(status, 1);
});

test('a file that dies half-way is a failure', () => {
	const { status, last } = run({ 'tests/system/a.test.mjs': file(`${PASS} test('dies', () => { process.exit(7); });`) }, 'system');
	assert.match(last, / [1-9]\d* failed/);
	assert.equal(status, 1);
});

test('nothing that ran is a failure, and an unknown suite wrong usage', () => {
	assert.equal(run({}, 'system').status, 1);
	assert.equal(run({}, 'nonsense').status, 2);
});

test('what failed is named again at the end', () => {
	const bad = file(`${PASS} test('the bad one', () => { throw new Error('no'); });`);
	const { out } = run({ 'tests/system/a.test.mjs': bad, 'tests/api/b.test.mjs': file(PASS) }, 'system', 'api');
	assert.match(out, /\nfailed:\n  system: the bad one\n\n2 passed, 1 failed\n/);
});
