// A minimal Debian with Postfix that really boots, in systemd-nspawn: what is installed into it is installed as on a host of its own.
// The tree is made once for each release and set of dependencies (debootstrap), and each machine writes into a layer above it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { until } from '../harness/index.mjs';

const root = resolve(new URL('../..', import.meta.url).pathname);
const cache = join(root, 'build-install');

// What a machine has before anything is installed; Postfix beside systemd alone.
const INCLUDED = ['systemd', 'systemd-sysv', 'dbus', 'postfix', 'debconf', 'procps', 'curl'];

// What a test installs there when it wants it: downloaded with the rest.
const LATER = ['libsasl2-modules'];

const run = (file, args, options = {}) => execFileSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'], ...options });

// The archive that apt of this machine gets its own release from; other releases lie beside that.
function archive() {
	const out = run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Component: main']);
	return out.split('\n').find((uri) => /\/debian\/?$/.test(uri));
}

// Why machines cannot be booted here; null: they can.
export function cannotBoot() {
	if (process.getuid() !== 0)
		return 'not root';
	for (const tool of ['systemd-nspawn', 'debootstrap', 'dpkg-buildpackage', 'nsenter'])
		if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
			return `${tool} is not installed`;
	const trial = spawnSync('unshare', ['--mount', '--pid', '--net', '--ipc', '--uts', '--fork', 'true'], { encoding: 'utf8' });
	return trial.status === 0 ? null : `no namespaces here (${trial.stderr.trim()})`;
}

// Whether this host has the second kind of control groups alone.
const hasUnified = () => existsSync('/sys/fs/cgroup/cgroup.controllers');

const depends = (deb) => run('dpkg-deb', ['--field', deb, 'Depends']).trim();

// Whether there is a tree of that release at all.
export const hasBase = (release) => existsSync(cache) && readdirSync(cache).some((name) => name.startsWith(`${release}-`));

// A minimal tree of a release with some packages, made once: `name` and `made` tell it from others, and `finish` makes it ready. `make`:
// whether it may be made (a minute and the network); null where it is not there.
export function bootstrap(name, release, packages, made, finish, make = true) {
	const key = createHash('sha256').update(JSON.stringify([packages, ...made])).digest('hex').slice(0, 12);
	const tree = join(cache, `${name}-${key}`);
	if (existsSync(tree) || !make)
		return existsSync(tree) ? tree : null;
	mkdirSync(cache, { recursive: true });
	const part = mkdtempSync(join(cache, 'part-'));
	run('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, release, part, archive()], { stdio: ['ignore', 'pipe', 'inherit'] });
	run('cp', ['--dereference', '/etc/resolv.conf', join(part, 'etc/resolv.conf')]);
	run('chroot', [part, 'apt-get', '-q', 'update']);
	finish(part);
	renameSync(part, tree);
	return tree;
}

// The tree of a release, with the packages that `deb` depends on downloaded, not installed.
export function base(release, deb, make = true) {
	return bootstrap(release, release, INCLUDED, [depends(deb), ...LATER], (part) => {
		run('cp', [deb, join(part, 'srv/for-dependencies.deb')]);
		run('chroot', [part, 'apt-get', '-q', '-y', '--no-install-recommends', '--download-only', 'install', '/srv/for-dependencies.deb', ...LATER], { stdio: ['ignore', 'pipe', 'inherit'] });
		rmSync(join(part, 'srv/for-dependencies.deb'));
		// Mail stays in the queue: nobody listens there. Booting must not wait for a network that never comes.
		run('chroot', [part, 'postconf', '-e', 'default_transport = smtp:[127.0.0.1]:9', 'inet_interfaces = loopback-only', 'myhostname = machine.example']);
		run('chroot', [part, 'systemctl', 'mask', 'systemd-resolved.service', 'systemd-networkd.service', 'apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'fstrim.timer']);
	}, make);
}

// Words for the kernel that systemd reads as its own. From 256 on (Debian 13) it refuses to boot on a host that still has the first
// kind of control groups, unless it is told to.
const KERNEL = ['SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1', 'systemd.unified_cgroup_hierarchy=0'];

const OVERLAY = ['lower', 'upper', 'work', 'root'];

export class Machine {
	// Boots one from the tree; `before` may change its files first. With `init: false` it is a container: its first process is a
	// stub that only waits for others, and nothing is started in it.
	static async start(t, tree, { before, init = true } = {}) {
		const machine = new Machine();
		machine.init = init;
		machine.directory = mkdtempSync(join(cache, 'machine-'));
		const [, upper, work, merged] = OVERLAY.map((name) => join(machine.directory, name));
		for (const each of [upper, work, merged])
			mkdirSync(each);
		machine.root = merged;
		run('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${tree},upperdir=${upper},workdir=${work}`, merged]);
		t.after(() => machine.stop());
		await before?.(machine);
		await machine.boot();
		return machine;
	}

	async boot() {
		this.log = '';
		const first = this.init ? ['--boot', '--kill-signal=SIGRTMIN+3', ...(hasUnified() ? [] : KERNEL)] : ['--as-pid2', 'sleep', 'infinity'];
		this.nspawn = spawn('systemd-nspawn', ['--quiet', '-D', this.root, '--register=no', '--keep-unit', '--private-network',
			'--machine', basename(this.directory), '--console=pipe', ...first], { stdio: ['ignore', 'pipe', 'pipe'] });
		this.ended = new Promise((done) => this.nspawn.on('close', done));
		for (const stream of [this.nspawn.stdout, this.nspawn.stderr])
			stream.on('data', (data) => { this.log += data; });
		await until('the machine has booted', () => {
			if (this.nspawn.exitCode !== null)
				throw new Error(`systemd-nspawn ended: ${this.log.slice(-2000)}`);
			try {
				this.leader = Number(readFileSync(`/proc/${this.nspawn.pid}/task/${this.nspawn.pid}/children`, 'utf8').split(' ')[0]);
			} catch {
				return false;
			}
			if (!(this.leader > 0))
				return false;
			return this.init ? /^(running|degraded)/.test(this.sh('systemctl is-system-running', { check: false }).stdout) : /^\(sd-stubinit\)\n([^]*\n)?sleep$/m.test(this.sh('cat /proc/[0-9]*/comm', { check: false }).stdout);
		}, 60000);
	}

	// Runs words of the shell inside, as root. Throws where they fail, unless check is false.
	sh(words, { check = true, input } = {}) {
		const done = spawnSync('nsenter', ['--all', '--target', String(this.leader), '--', '/usr/bin/env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
			'HOME=/root', 'LC_ALL=C.UTF-8', 'DEBIAN_FRONTEND=noninteractive', '/bin/sh', '-c', words], { encoding: 'utf8', input, maxBuffer: 1 << 28 });
		if (check && done.status !== 0)
			throw new Error(`${words}\nended with ${done.status}\n${done.stdout.slice(-3000)}${done.stderr.slice(-6000)}`);
		return done;
	}

	// The same without waiting: {child, done}, the second a promise of {status, stdout, stderr}.
	begin(words) {
		return this.#spawn(['--all', '--target', String(this.leader), '--', '/usr/bin/env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
			'HOME=/root', 'LC_ALL=C.UTF-8', 'DEBIAN_FRONTEND=noninteractive', '/bin/sh', '-c', words]);
	}

	// A program of this host, in the machine's network alone.
	within(words) {
		return this.#spawn(['--net', '--target', String(this.leader), '--', ...words]);
	}

	#spawn(words) {
		const child = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'pipe'] });
		let stdout = '';
		let stderr = '';
		child.stdout.on('data', (data) => { stdout += data; });
		child.stderr.on('data', (data) => { stderr += data; });
		return { child, done: new Promise((done) => child.on('close', (status) => done({ status, stdout, stderr }))) };
	}

	json(words) {
		return this.sh(words).stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
	}

	copyIn(file, place) {
		run('cp', [file, join(this.root, place)]);
	}

	write(place, text, mode = 0o644) {
		writeFileSync(join(this.root, place), text, { mode });
	}

	read(place) {
		return readFileSync(join(this.root, place), 'utf8');
	}

	// HTTP status of the page from within; 0 where nobody answers.
	page(path = '/') {
		const out = spawnSync('nsenter', ['--net', '--target', String(this.leader), '--', process.execPath, '-e',
			`fetch('http://127.0.0.1:8025${path}').then((r) => console.log(r.status), () => console.log(0))`], { encoding: 'utf8' });
		return Number(out.stdout);
	}

	// What whoever removes the package wants to find as it was: files outside of what changes by itself, with mode, owner and content.
	files() {
		const skipped = ['var/tmp', 'var/log', 'var/cache', 'var/lib/apt', 'var/lib/dpkg', 'var/lib/systemd', 'var/spool/postfix', 'var/lib/postfix', 'etc/resolv.conf'];
		const out = run('sh', ['-c', `cd '${this.root}' && find ./etc ./lib/systemd ./usr ./var ./opt ./home -xdev ${skipped.map((name) => `-path ./${name} -prune -o`).join(' ')} -printf '%p %y %m %U %G %l\\n' | LC_ALL=C sort`]);
		const etc = run('sh', ['-c', `cd '${this.root}' && find etc -type f ! -name resolv.conf ! -name 'ld.so.cache' -exec sha256sum {} + | LC_ALL=C sort -k2`]);
		return new Set([...out.split('\n'), ...etc.split('\n')]);
	}

	async stop() {
		if (this.nspawn && this.nspawn.exitCode === null) {
			process.kill(this.nspawn.pid, 'SIGTERM');
			const late = setTimeout(() => process.kill(this.leader, 'SIGKILL'), 15000);
			await this.ended;
			clearTimeout(late);
		}
		spawnSync('umount', [this.root]);
		rmSync(this.directory, { recursive: true, force: true });
	}
}
