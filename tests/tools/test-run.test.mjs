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
	assert.match(out, /\nfailed:\n  system: bad\n      'no'\n/);
	assert.equal(status, 1);
});

test('of a failure the end of the run says why, in some lines', () => {
	const { out } = run({ 'tests/system/a.test.mjs': file("import assert from 'node:assert'; test('group', async (t) => { await t.test('bad', () => { assert.deepEqual(Array.from({ length: 30 }, (_, i) => i), []); }); });") }, 'system');
	const end = out.slice(out.indexOf('\nfailed:'));
	assert.match(end, /^\nfailed:\n  system: bad\n      Expected values to be strictly deep-equal:|^\nfailed:\n  system: bad\n      Expected values to be loosely deep-equal:/);
	assert.ok(end.split('\n').length < 15, end);
});

// Fails the first time that it runs in its directory.
const UNSTEADY = file(`import { existsSync, writeFileSync } from 'node:fs';
	${PASS}
	test('once in a while', () => {
		if (!existsSync('ran')) {
			writeFileSync('ran', '');
			throw new Error('too early');
		}
	});`);

test('what fails, and passes when run once more alone, is no failure, and is named with its reason', () => {
	const { status, last, out } = run({ 'tests/system/a.test.mjs': UNSTEADY, 'tests/system/b.test.mjs': file(PASS) }, 'system');
	assert.equal(last, '3 passed, 0 failed', out);
	assert.match(out, /\nunsteady .*\n  system: once in a while\n      'too early'\n/);
	assert.equal(status, 0);
});

test('beside one that fails again, an unsteady one is a failure', () => {
	const { status, out } = run({ 'tests/system/a.test.mjs': UNSTEADY, 'tests/system/b.test.mjs': file("test('bad', () => { throw new Error('no'); });") }, 'system');
	assert.match(out, /\nfailed:\n[^]*system: bad\n/);
	assert.equal(status, 1);
});

test('what looks for lost mail is not run again, nor are many', () => {
	assert.equal(run({ 'tests/system/safe_release.test.mjs': UNSTEADY }, 'system').status, 1);
	assert.equal(run({ 'tests/faults/a.test.mjs': UNSTEADY }, 'faults').status, 1);
	const many = file("import { existsSync, writeFileSync } from 'node:fs'; test('x', () => { const name = import.meta.url.slice(-10); if (!existsSync(name)) { writeFileSync(name, ''); throw new Error('no'); } });");
	const four = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`tests/system/${name}.test.mjs`, many]));
	assert.equal(run(four, 'system').status, 1);
	delete four['tests/system/d.test.mjs'];
	assert.equal(run(four, 'system').status, 0);
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
	assert.match(out, /\nfailed:\n  system: the bad one\n      'no'\n\n2 passed, 1 failed\n/);
});

test('files run in two lanes, and a failure in one is one', () => {
	const waits = (mine, other) => file(`import { existsSync, writeFileSync } from 'node:fs';
		test('${mine}', async () => {
			writeFileSync('${mine}', '');
			while (!existsSync('${other}'))
				await new Promise((done) => setTimeout(done, 5));
		});`);
	const { last, status, out } = run({
		'tests/e2e/a.test.mjs': waits('a', 'b'), 'tests/e2e/b.test.mjs': waits('b', 'a'), 'tests/e2e/c.test.mjs': file("test('bad', () => { throw new Error('no'); });"),
	}, 'e2e');
	assert.equal(last, '2 passed, 1 failed', out);
	assert.equal(status, 1);
});

test('what runs beside another suite is shown after it, and its failure counts', () => {
	const web = (script) => ({ 'web/package.json': JSON.stringify({ scripts: { test: script } }), 'tests/tools/a.test.mjs': file(`${PASS} import { existsSync } from 'node:fs';
		test('beside', async () => {
			while (!existsSync('web/began'))
				await new Promise((done) => setTimeout(done, 5));
		});`) });
	const good = run(web("touch began && echo '# pass 4'"), 'tools', 'web');
	assert.equal(good.last, '6 passed, 0 failed', good.out);
	assert.ok(good.out.indexOf('== tools: 2 passed') < good.out.indexOf('# pass 4') && good.out.indexOf('== web\n') < good.out.indexOf('# pass 4'), good.out);
	const bad = run(web("touch began && echo '# pass 4' && exit 3"), 'tools', 'web');
	assert.equal(bad.last, '6 passed, 1 failed', bad.out);
	assert.match(bad.out, /failed:\n  web: exit status 3/);
	assert.equal(bad.status, 1);
});
