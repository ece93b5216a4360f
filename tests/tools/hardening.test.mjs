// What the build promises of the program, seen on the program itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { binary } from '../harness/postroom.mjs';

const readelf = (...options) => execFileSync('readelf', ['-W', ...options, binary], { maxBuffer: 1 << 28 }).toString();

test('it is position-independent', () => {
	assert.match(readelf('-h'), /Type:\s+DYN/);
	assert.match(readelf('-d'), /FLAGS_1.*PIE/);
});

test('what the dynamic linker writes is read-only before anything runs', () => {
	assert.match(readelf('-l'), /GNU_RELRO/);
	assert.match(readelf('-d'), /BIND_NOW|FLAGS_1.*NOW/);
});

test('no stack may be run, and smashed stacks are noticed', () => {
	assert.match(readelf('-l'), /GNU_STACK\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+RW /);
	assert.match(readelf('--dyn-syms'), /__stack_chk_fail/);
});

test('libc checks lengths, those too that are only known when it runs (_FORTIFY_SOURCE=3)', () => {
	assert.match(readelf('--dyn-syms'), /__(snprintf|vsnprintf|memcpy|read)_chk/);
	// gcc and clang write their macros into the debug information only with -g3; what was asked for is in the build.
	const build = execFileSync('grep', ['-c', 'D_FORTIFY_SOURCE=3', `${binary.replace(/\/postroom$/, '')}/build.ninja`]).toString();
	assert.ok(Number(build) > 0);
});
