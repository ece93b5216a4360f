// The package as a file, in seconds and without a system to install it on: so each `make test` knows that it can be built, what is in
// it and how large it is. What becomes of it on a system is for install.test.mjs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { packageFrom } from './packages.mjs';

const root = resolve(new URL('../..', import.meta.url).pathname);
const full = process.env.POSTROOM_INSTALL === 'full';
const run = (file, args, options = {}) => execFileSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });

// What is promised: what one downloads, and what it takes on the disk.
const PACKED_MAX = 2_000_000;
const INSTALLED_MAX = 8_000_000;

const lacking = ['dh', 'po2debconf', 'dpkg-buildpackage', 'git'].filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
const missing = lacking.length > 0 ? `nothing builds packages here: ${lacking.join(', ')} (tools/install-packages --tests)` : false;
const deb = missing ? null : packageFrom(full ? null : process.env.POSTROOM_BUILD ?? 'build');

const tree = mkdtempSync(join(tmpdir(), 'postroom-package-'));
after(() => rmSync(tree, { recursive: true, force: true }));
if (deb)
	run('dpkg-deb', ['--raw-extract', deb, tree]);
const control = (name) => readFileSync(join(tree, 'DEBIAN', name), 'utf8');
const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(control('control'))?.[1];

// As dpkg lists it: [{mode, owner, size, path}].
const contents = () => run('dpkg-deb', ['--contents', deb]).split('\n').filter(Boolean).map((line) => {
	const [, mode, owner, size, path] = /^(\S+) (\S+) +(\d+) \S+ \S+ \.(\S+)/.exec(line);
	return { mode, owner, size: Number(size), path };
});

test('it has what packaging/install names, and documents, and nothing else', { skip: missing }, () => {
	const listed = run(join(root, 'packaging/install'), ['--list', '--packaged'], { env: { PATH: process.env.PATH, PREFIX: '/usr', UNITDIR: '/lib/systemd/system' } }).trim().split('\n');
	const files = contents().filter(({ path }) => !path.endsWith('/'));
	const documents = /^\/usr\/share\/(doc\/postroom|lintian\/overrides)\//;
	assert.deepEqual(files.map(({ path }) => path.replace(/(\/man\/.*)\.gz$/, '$1')).filter((path) => !documents.test(path)).sort(), listed.sort());
	assert.ok(files.some(({ path }) => path === '/usr/share/doc/postroom/copyright'));
	for (const { mode, owner, path } of contents()) {
		assert.equal(owner, 'root/root', path);
		assert.match(mode, /^[-d](rw-r--r--|rwxr-xr-x)$|^l/, `${path}: ${mode}`);
	}
});

test('it is as small as it is said to be', { skip: missing }, (t) => {
	const packed = statSync(deb).size;
	const installed = Number(field('Installed-Size')) * 1024;
	const files = contents().sort((a, b) => b.size - a.size);
	const bytes = files.reduce((sum, { size }) => sum + size, 0);
	t.diagnostic(`${basename(deb)}: ${packed} bytes, installed ${bytes} (${installed} by its own word)`);
	const largest = files.slice(0, 5).map(({ size, path }) => `${size} ${path}`).join('\n');
	assert.ok(installed <= INSTALLED_MAX && bytes <= INSTALLED_MAX, largest);
	// What is built for tests is not linked as `make deb` links it.
	if (full)
		assert.ok(packed <= PACKED_MAX, `${packed} bytes\n${largest}`);
});

test('it depends on no mail server, names its configuration, and its scripts are scripts', { skip: missing }, () => {
	assert.doesNotMatch(field('Depends'), /postfix|mail-transport-agent/);
	assert.equal(field('Recommends'), undefined);
	for (const library of ['libsqlite3-0', 'libgnutls30', 'libseccomp2'])
		assert.match(field('Depends'), new RegExp(library));
	assert.deepEqual(control('conffiles').trim().split('\n').sort(), ['/etc/apparmor.d/postroom', '/etc/postroom/postroom.conf']);
	for (const name of ['postinst', 'prerm', 'postrm']) {
		const text = control(name);
		assert.doesNotMatch(text, /#DEBHELPER#/);
		const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
		assert.equal(status, 0, stderr);
	}
	// The service is stopped before what it has under way is ended; main.cf is restored before files go.
	const prerm = control('prerm');
	const places = ['deb-systemd-invoke stop', '\tend_all "$@"', '\trestore_postfix "'].map((words) => prerm.lastIndexOf(words));
	assert.ok(places.every((place, i) => place > (places[i - 1] ?? 0)), places.join(' '));
	assert.match(control('templates'), /^Template: postroom\/grace$/m);
});

test('the programs that it has start, and are of this version', { skip: missing }, () => {
	const libexec = join(tree, 'usr/libexec/postroom');
	assert.equal(readdirSync(libexec).length, 7);
	assert.match(run(join(tree, 'usr/sbin/postroom'), ['--version']), new RegExp(field('Version')));
	for (const name of readdirSync(libexec))
		assert.doesNotMatch(run('ldd', [join(libexec, name)]), /not found/);
	assert.match(run(join(libexec, 'postroom-supervisor'), ['serve', '--help']), /http\.listen/);
});
