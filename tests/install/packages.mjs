// The packages that are installed: made from what is built already, or by another release, and given other versions by packing them anew.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { register } from '../harness/cleanup.mjs';
import { bootstrap } from './machine.mjs';

const root = resolve(new URL('../..', import.meta.url).pathname);
const run = (file, args, options = {}) => execFileSync(file, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'], ...options });

const inside = (directory) => {
	const name = existsSync(directory) && readdirSync(directory).find((file) => /^postroom_.*\.deb$/.test(file));
	return name ? join(directory, name) : null;
};

// The package of `make deb`; `built`: made in some seconds from the executables in that directory instead.
export function packageFrom(built) {
	const out = built ? join(root, 'build-install/deb') : join(root, 'build-deb');
	if (built) {
		if (process.env.POSTROOM_KEEP_DEB && inside(out))
			return inside(out);
		rmSync(out, { recursive: true, force: true });
		mkdirSync(out, { recursive: true });
		run('packaging/make-deb', ['--built', built, '--out', out]);
	}
	const deb = inside(out);
	if (!deb)
		throw new Error(`there is no package in ${out}: run make deb`);
	return deb;
}

// The same package as another version; `change` may edit the unpacked tree first.
export function repack(deb, version, change) {
	const directory = mkdtempSync(join(root, 'build-install/repack-'));
	register(() => rmSync(directory, { recursive: true, force: true }));
	const tree = join(directory, 'tree');
	run('dpkg-deb', ['--raw-extract', deb, tree]);
	const control = join(tree, 'DEBIAN/control');
	writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*/m, `Version: ${version}`));
	change?.(tree);
	const made = join(directory, `postroom_${version}.deb`);
	run('dpkg-deb', ['--root-owner-group', '-Zxz', '-z0', '--build', tree, made]);
	rmSync(tree, { recursive: true, force: true });
	return made;
}

// Built once more from the sources, elsewhere: {deb, directory}.
export function packageAgain() {
	const directory = mkdtempSync(join(root, 'build-install/again-'));
	run('packaging/make-deb', ['--out', directory]);
	return { deb: inside(directory), directory };
}

// Of another release, built there from the source package of `make deb`: libraries have other names from one release to the next. It
// has no network and no npm meanwhile. The tree with what it builds with is made once for each list of that, the package once for the
// same sources.
export function packageOn(release) {
	const sources = join(root, 'build-deb');
	const dsc = readdirSync(sources).find((name) => name.endsWith('.dsc'));
	const needs = /^Build-Depends: (.*)$/m.exec(readFileSync(join(sources, dsc), 'utf8'))[1];
	const tree = bootstrap(`builder-${release}`, release, ['build-essential', 'fakeroot'], [needs], (part) => {
		writeFileSync(join(part, 'srv/needs.dsc'), readFileSync(join(sources, dsc)));
		run('chroot', [part, 'apt-get', '-q', '-y', '--no-install-recommends', 'build-dep', '/srv/needs.dsc'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
	});
	const out = join(root, 'build-install', `deb-${release}-${createHash('sha256').update(readFileSync(join(sources, dsc))).digest('hex').slice(0, 12)}`);
	if (inside(out))
		return inside(out);
	mkdirSync(out, { recursive: true });
	for (const name of [dsc, dsc.replace('.dsc', '.tar.xz')])
		run('cp', [join(sources, name), out]);
	run('systemd-nspawn', ['--quiet', '-D', tree, '--volatile=overlay', '--register=no', '--keep-unit', '--private-network', `--bind=${out}:/srv/out`, '--pipe', 'sh', '-ec',
		`cd /srv/out; dpkg-source -x ${dsc} tree; cd tree; DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage --build=any --no-sign; rm -rf ../tree`], { stdio: ['ignore', 'ignore', 'inherit'] });
	return inside(out);
}
