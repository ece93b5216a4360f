// packaging/install: what it says that it installs is what it installs, and removing takes away all of that and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../harness/cleanup.mjs';

const root = resolve(new URL('../..', import.meta.url).pathname);
const build = process.env.POSTROOM_BUILD ?? join(root, 'build');

function filesBelow(directory) {
	return readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
		.map((entry) => `/${relative(directory, join(entry.parentPath ?? entry.path, entry.name))}`).sort();
}

test('one list for installing, removing and the packages', (t) => {
	const dest = mkdtempSync(join(tmpdir(), 'postroom-install-'));
	t.after(() => rmSync(dest, { recursive: true }));
	const install = (...words) => execFileSync(join(root, 'packaging/install'), words, { env: { PATH: process.env.PATH, DESTDIR: dest, PREFIX: '/usr' }, encoding: 'utf8' });
	const listed = install('--list').trim().split('\n');
	install(build);
	assert.deepEqual(filesBelow(dest), [...listed, '/etc/postroom/postroom.conf'].sort());

	// Each manual page and unit of the tree is among them, under its own name; nothing is left to be filled in.
	for (const page of readdirSync(join(root, 'man')))
		assert.deepEqual(readFileSync(join(dest, 'usr/share/man', `man${page.at(-1)}`, page)), readFileSync(join(root, 'man', page)));
	for (const unit of readdirSync(join(root, 'packaging/systemd')))
		assert.doesNotMatch(readFileSync(join(dest, 'usr/lib/systemd/system', unit), 'utf8'), /@[A-Z]+@/);
	assert.equal(statSync(join(dest, 'usr/libexec/postroom/postroom-server')).mode & 0o7777, 0o755);
	assert.match(readFileSync(join(dest, 'usr/share/bash-completion/completions/postroom'), 'utf8'), /^complete .*-F _postroom postroom$/m);

	install('--remove');
	assert.deepEqual(filesBelow(dest), ['/etc/postroom/postroom.conf']);
});

// It is run on the mail host itself (README).
test('making the Debian package installs no server and no browser', () => {
	const needed = (...words) => execFileSync(join(root, 'tools/install-packages'), [...words, '--list'], { encoding: 'utf8' }).trim().split('\n');
	const recipe = execFileSync('make', ['-n', '-C', root, 'deb'], { encoding: 'utf8' });
	const options = [...recipe.matchAll(/^tools\/install-packages ?(.*)$/gm)].map((found) => found[1]);
	assert.deepEqual(options, ['--deb']);
	const packages = needed(...options);
	assert.ok(packages.includes('debhelper'));
	for (const other of needed('--tests').filter((name) => /^(postfix|nginx|apache2|caddy|prometheus|cockpit|chromium|firefox|systemd)/.test(name)))
		assert.ok(!packages.includes(other), other);
});

// The Debian package is removed on real systems (tests/install); of the RPM its script runs here, beneath another root.
test('removing the RPM ends what each instance has under way, then restores its main.cf', () => {
	const dir = temporaryDirectory('rpm');
	const script = /^%preun\n([^]*?)^%/m.exec(readFileSync(join(root, 'packaging/rpm/postroom.spec'), 'utf8'))[1].replaceAll('/etc/', `${dir}/etc/`).replaceAll('/run/', `${dir}/run/`);
	for (const name of ['etc/postroom', 'etc/postfix', 'etc/postfix-two', 'bin'])
		mkdirSync(join(dir, name), { recursive: true });
	writeFileSync(join(dir, 'etc/postroom/postroom.conf'), '[http]\n');
	writeFileSync(join(dir, 'etc/postroom/two.conf'), `[postfix]\nconfig_directory = ${dir}/etc/postfix-two\n`);
	writeFileSync(join(dir, 'etc/postfix/main.cf'), 'myhostname = mail.example\n');
	writeFileSync(join(dir, 'etc/postfix-two/main.cf'), 'transport_maps = hash:/etc/postfix/postroom-pauses/transport\n');
	writeFileSync(join(dir, 'bin/postroom'), `#!/bin/sh\necho "$*" >>'${dir}/asked'\n`, { mode: 0o755 });
	execFileSync('/bin/sh', ['-c', script, 'preun', '0'], { env: { PATH: `${join(dir, 'bin')}:${process.env.PATH}` } });
	assert.deepEqual(readFileSync(join(dir, 'asked'), 'utf8').replaceAll(`${dir}/etc/postroom/`, '').trim().split('\n'), [
		'leave --bring-back --config postroom.conf',
		'leave --bring-back --config two.conf',
		'pause setup --undo --yes --config two.conf',
	]);
});
