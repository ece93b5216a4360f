// What the build promises of the programs, seen on the programs themselves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import test from 'node:test';
import { binary, programs } from '../harness/postroom.mjs';

const all = [binary, ...Object.values(programs)];
const readelf = (file, ...options) => execFileSync('readelf', ['-W', ...options, file], { maxBuffer: 1 << 28 }).toString();
const needed = (file) => [...readelf(file, '-d').matchAll(/\(NEEDED\).*\[([^\]]+)\]/g)].map((m) => m[1].replace(/\.so.*/, '')).sort();

test('they are position-independent', () => {
	for (const file of all) {
		assert.match(readelf(file, '-h'), /Type:\s+DYN/, file);
		assert.match(readelf(file, '-d'), /FLAGS_1.*PIE/, file);
	}
});

test('what the dynamic linker writes is read-only before anything runs', () => {
	for (const file of all) {
		assert.match(readelf(file, '-l'), /GNU_RELRO/, file);
		assert.match(readelf(file, '-d'), /BIND_NOW|FLAGS_1.*NOW/, file);
	}
});

test('no stack may be run, and smashed stacks are noticed', () => {
	for (const file of all) {
		assert.match(readelf(file, '-l'), /GNU_STACK\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+RW /, file);
		assert.match(readelf(file, '--dyn-syms'), /__stack_chk_fail/, file);
	}
});

test('libc checks lengths, those too that are only known when it runs (_FORTIFY_SOURCE=3)', () => {
	for (const file of all)
		assert.match(readelf(file, '--dyn-syms'), /__(snprintf|vsnprintf|memcpy|read)_chk/, file);
	// gcc and clang write their macros into the debug information only with -g3; what was asked for is in the build.
	const build = execFileSync('grep', ['-c', 'D_FORTIFY_SOURCE=3', `${dirname(binary)}/build.ninja`]).toString();
	assert.ok(Number(build) > 0);
});

// What a process links is part of its rights: tests/system/roles.test.mjs looks at what is mapped while they run.
test('an executable links what its level of trust may', () => {
	const root = (name) => needed(programs[name]).filter((library) => library !== 'libseccomp');
	assert.deepEqual(root('supervisor'), ['libc']);
	assert.deepEqual(root('helper'), ['libc']);
	const may = {
		reader: ['libbz2', 'libc', 'liblzma', 'libseccomp', 'libz', 'libzstd'],
		viewer: ['libc', 'libglib-2.0', 'libgmime-3.0', 'libgobject-2.0', 'libseccomp', 'libxml2'],
		server: ['libc', 'libgnutls', 'libidn2', 'libjansson', 'libm', 'liboath', 'libseccomp', 'libsodium', 'libsqlite3', 'libunistring', 'libuv', 'libxxhash'],
	};
	for (const [name, libraries] of Object.entries(may))
		assert.deepEqual(needed(programs[name]).filter((library) => !libraries.includes(library)), [], name);
	for (const file of Object.values(programs))
		assert.doesNotMatch(readelf(file, '-d'), /\((RPATH|RUNPATH)\)/, file);
});
