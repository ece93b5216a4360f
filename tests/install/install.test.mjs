// An installed system, booted: the package beside Postfix, the README's first hour, upgrades, removal, and nothing left but what the
// manual names. `make test-install` runs it whole (POSTROOM_INSTALL=full), with the package of `make deb` on each release; `make test`
// runs the first test on one release, with what is built already, where a minimal Debian was made by the first before.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../harness/index.mjs';
import { Machine, base, cannotBoot, hasBase } from './machine.mjs';
import { packageAgain, packageFrom, packageOn, repack } from './packages.mjs';

const full = process.env.POSTROOM_INSTALL === 'full';
const reason = cannotBoot();
if (full && reason)
	throw new Error(`machines cannot be booted here: ${reason}`);

// A minute and the network are more than `make test` has for making one.
const none = !full && !hasBase('bookworm') ? 'there is no minimal Debian in build-install yet: make test-install makes it' : null;
const deb = reason ?? none ? null : packageFrom(full ? null : process.env.POSTROOM_BUILD ?? 'build');
const releases = full ? ['bookworm', 'trixie'] : ['bookworm'];
const treeOf = (release, of = deb) => base(release, of, full);
// What `make deb` gives on that release; this machine is of the first.
const packageOf = (release) => (release === releases[0] ? deb : packageOn(release));
const missing = reason ?? none ?? (full || treeOf('bookworm') ? false : 'the minimal Debian in build-install lacks packages: make test-install makes it anew');

// ---- what is done inside ----

const install = (machine, file, name) => {
	machine.copyIn(file, `/srv/${name}.deb`);
	return machine.sh(`apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold install /srv/${name}.deb`);
};

// The same, while this process goes on.
async function installMeanwhile(machine, file, name) {
	machine.copyIn(file, `/srv/${name}.deb`);
	const { status, stdout, stderr } = await machine.begin(`dpkg -i /srv/${name}.deb`).done;
	assert.equal(status, 0, stdout + stderr);
}

const mail = (machine, count, to) => machine.sh(`for i in $(seq ${count}); do echo "Subject: $i" | sendmail -f sender@machine.example ${to}; done`);

// What Postfix itself lists: {id: queue}.
const queue = (machine) => Object.fromEntries(machine.json('postqueue -j').map((message) => [message.queue_id, message.queue_name]));

const inQueue = (machine, name) => Object.keys(queue(machine)).filter((id) => queue(machine)[id] === name);

const answers = (machine) => until('the page answers', () => machine.page() === 200);

const isKnown = (machine, count) => until(`${count} messages are known`, () => machine.json('postroom list --json').length === count);

const mainCf = (machine) => machine.sh('postconf -n').stdout;

// Lines that were added to or taken from a file of accounts.
const difference = (before, after) => [...after].filter((line) => !before.has(line)).concat([...before].filter((line) => !after.has(line)).map((line) => `- ${line}`));

// What the manual says stays (docs/guide/remove.md), and what packages that came with it leave: their own files are in dpkg's lists.
const STAYS = [
	/^\.\/var\/lib\/postroom( |\/)/,
	/^\.\/etc\/postfix\/postroom-pauses( |\/)/, /^[0-9a-f]{64}  etc\/postfix\/postroom-pauses\//,
	/^(- )?(\.\/|[0-9a-f]{64}  )etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?( |$)/,
	/pinentry|dirmngr|gpg-agent|ld\.so\.cache|etc\/inputrc|\.\/etc\/systemd\/user/,
];
// The users and groups that stay.
const NAMES = ['postroom', 'postroom-notify', 'postroom-operators', 'postroom-parse', 'postroom-view'];

function onlyWhatStays(machine, before, after) {
	const owned = new Set(machine.sh("cat /var/lib/dpkg/info/*.list; sed -n -e 's|^/lib|/usr/lib|p' -e 's|^/usr/lib|/lib|p' /var/lib/dpkg/info/*.list").stdout.split('\n'));
	const path = (line) => line.replace(/^(- )?(\.|[0-9a-f]{64}  (?=etc))/, '').replace(/^etc/, '/etc').split(' ')[0];
	const left = difference(before, after).filter((line) => !STAYS.some((pattern) => pattern.test(line)) && !owned.has(path(line)));
	assert.deepEqual(left, []);
	assert.deepEqual(machine.read('etc/group').split('\n').map((line) => line.split(':')[0]).filter((name) => /postroom/.test(name)).sort(), NAMES);
}

function firstHour(machine, ids) {
	const [first, second, ...others] = ids;
	machine.sh(`postroom show ${first}`);
	machine.sh(`postroom hold --yes ${first}`);
	assert.equal(queue(machine)[first], 'hold');
	machine.sh(`postroom release --yes ${first}`);
	assert.notEqual(queue(machine)[first], 'hold');
	machine.sh(`postroom retry --yes ${second}`);
	machine.sh('postroom pause setup --yes');
	assert.match(mainCf(machine), /postroom-pause/);
	// Its end takes half a minute when the package is removed.
	if (full)
		machine.sh("postroom pause domain shop.example --until 1h --reason 'down until four' --yes");
	// Undone at once, and one that stays in its grace time.
	machine.sh(`postroom delete --yes --undo 1h ${others[0]}`);
	const [undone] = machine.json('postroom jobs --state grace --json');
	machine.sh(`postroom jobs undo ${undone.id}`);
	assert.notEqual(queue(machine)[others[0]], 'hold');
	machine.sh(`postroom delete --yes --undo 1h ${others[1]} ${others[2]}`);
	assert.deepEqual([others[1], others[2]].map((id) => queue(machine)[id]), ['hold', 'hold']);
}

// Asks for the page all the time, from within; `end` gives how many went wrong and for how long none was answered.
const ASK = `const at = [];
let on = true;
process.on('SIGTERM', () => { on = false; });
while (on) {
	const status = await fetch('http://127.0.0.1:8025/', { signal: AbortSignal.timeout(5000) }).then((reply) => reply.status, () => 0);
	at.push([Date.now(), status]);
	await new Promise((done) => setTimeout(done, 20));
}
const failed = at.filter(([, status]) => status !== 200);
console.log(JSON.stringify({ asked: at.length, failed: failed.length, ms: failed.length ? failed.at(-1)[0] - failed[0][0] : 0 }));`;

function load(machine) {
	const { child, done } = machine.within([process.execPath, '--input-type=module', '-e', ASK]);
	return {
		async end() {
			child.kill('SIGTERM');
			return JSON.parse((await done).stdout);
		},
	};
}

// ---- the tests ----

for (const release of releases)
	test(`${release}: installed, used, upgraded, removed, purged`, { skip: missing }, async (t) => {
		const deb = packageOf(release);
		const machine = await Machine.start(t, treeOf(release, deb));
		const before = machine.files();
		const config = mainCf(machine);
		const master = machine.read('etc/postfix/master.cf');
		mail(machine, 6, 'someone@shop.example');
		await until('all mail waits', () => inQueue(machine, 'deferred').length === 6);
		const ids = Object.keys(queue(machine)).sort();

		const started = Date.now();
		install(machine, deb, 'first');
		await answers(machine);
		t.diagnostic(`${release}: installed, and the page answers, after ${Date.now() - started} ms`);
		assert.equal(machine.sh('systemctl is-enabled postroom').stdout.trim(), 'enabled');
		await isKnown(machine, 6);
		firstHour(machine, ids);

		// An upgrade, while it is asked all the time: the delete is in its grace time still, with the same messages.
		const grace = machine.json('postroom jobs --state grace --json');
		assert.equal(grace.length, 1);
		const asking = load(machine);
		await installMeanwhile(machine, repack(deb, '0.1.0+next'), 'next');
		await answers(machine);
		const { asked, failed, ms } = await asking.end();
		t.diagnostic(`${release}: the upgrade failed ${failed} of ${asked} requests, for ${ms} ms`);
		const [after] = machine.json('postroom jobs --state grace --json');
		assert.deepEqual([after.id, after.counts.held], [grace[0].id, 2]);
		assert.equal(inQueue(machine, 'hold').length, 2);

		// Removed while a delete is in its grace time and a pause is on: all mail is there, nothing on hold, main.cf as it was.
		// What root's shell names for a session is another host, whose main.cf is none of this package's business.
		machine.sh('POSTROOM_URL=http://127.0.0.1:9 POSTROOM_TOKEN=none apt-get -q -y remove postroom');
		assert.equal(mainCf(machine), config);
		assert.equal(machine.read('etc/postfix/master.cf'), master);
		assert.deepEqual(Object.keys(queue(machine)).sort(), ids);
		assert.deepEqual(inQueue(machine, 'hold'), []);
		assert.equal(machine.page(), 0);

		machine.sh('apt-get -q -y purge postroom');
		onlyWhatStays(machine, before, machine.files());
	});

// ---- what goes wrong (make test-install) ----

const only = { skip: full ? false : 'make test-install runs it' };
const state = (machine) => machine.sh("dpkg-query -W -f '${db:Status-Abbrev}' postroom", { check: false }).stdout.trim();

test('the port is in use; Postfix is stopped; a changed configuration: it is installed all the same, and says what is wrong', only, async (t) => {
	const machine = await Machine.start(t, treeOf('bookworm'));
	const taken = machine.within([process.execPath, '-e', "require('net').createServer().listen(8025, '127.0.0.1')"]);
	t.after(() => taken.child.kill());
	machine.sh('systemctl stop postfix');
	await until('the port to be taken', () => machine.sh("grep -q ':1F59 ' /proc/net/tcp", { check: false }).status === 0);
	install(machine, deb, 'first');
	assert.equal(state(machine), 'ii');
	assert.match(machine.sh('postroom check', { check: false }).stdout, /8025/);
	taken.child.kill();
	await taken.done;
	machine.write('etc/postroom/postroom.conf', '[settings]\nwrite = no\n');
	machine.sh('systemctl restart postroom');
	await answers(machine);
	const next = repack(deb, '0.1.0+next', (tree) => appendFileSync(join(tree, 'etc/postroom/postroom.conf'), '# another one\n'));
	install(machine, next, 'next');
	assert.equal(machine.read('etc/postroom/postroom.conf'), '[settings]\nwrite = no\n');
	await answers(machine);
	machine.sh('apt-get -q -y purge postroom');
	assert.equal(machine.sh('ls /etc/postroom', { check: false }).status, 2);
});

test('an upgrade killed at each of its moments goes on, and a delete in its grace time is as it was', only, async (t) => {
	const machine = await Machine.start(t, treeOf('bookworm'));
	install(machine, deb, 'first');
	await answers(machine);
	mail(machine, 2, 'someone@shop.example');
	await isKnown(machine, 2);
	const [id] = Object.keys(queue(machine));
	machine.sh(`postroom delete --yes --undo 1h ${id}`);
	for (const [n, ms] of [100, 400, 800, 1200, 1600].entries()) {
		const name = `v${n}`;
		machine.copyIn(repack(deb, `0.1.0+${name}`), `/srv/${name}.deb`);
		const upgrade = machine.begin(`exec dpkg -i /srv/${name}.deb`);
		await new Promise((done) => setTimeout(done, ms));
		machine.sh('pkill -KILL -x dpkg; true');
		await upgrade.done;
		// As apt does it: what was cut off while it was unpacked is unpacked anew.
		machine.sh(`dpkg --configure -a || true; dpkg -i /srv/${name}.deb`);
		assert.equal(state(machine), 'ii');
		await answers(machine);
		assert.equal(machine.json('postroom jobs --state grace --json').length, 1);
		assert.equal(queue(machine)[id], 'hold');
	}
	// Finished by choice: what is said at removal.
	machine.sh("echo 'postroom postroom/grace select finish' | debconf-set-selections");
	machine.sh('apt-get -q -y remove postroom');
	assert.equal(queue(machine)[id], undefined);
	assert.equal(Object.keys(queue(machine)).length, 1);
});

test('a database of a later version is refused with what to do, and the way back works', only, async (t) => {
	const machine = await Machine.start(t, treeOf('bookworm'));
	install(machine, deb, 'first');
	await answers(machine);
	machine.sh('systemctl stop postroom');
	machine.sh("cp /var/lib/postroom/postroom.db /var/lib/postroom/postroom.db-tables-12; printf '\\143' | dd of=/var/lib/postroom/postroom.db bs=1 seek=63 conv=notrunc 2>/dev/null; rm -f /var/lib/postroom/postroom.db-wal");
	machine.sh('systemctl start postroom');
	await answers(machine);
	const said = machine.sh('postroom check', { check: false }).stdout;
	const [way] = /cp \/var\/lib\/postroom\S+ \S+ && rm -f \S+-wal/.exec(said) ?? assert.fail(said);
	machine.sh(`systemctl stop postroom && ${way} && systemctl start postroom`);
	await answers(machine);
	assert.doesNotMatch(machine.sh('postroom check', { check: false }).stdout, /newer version/);
});

test('no Postfix, and no room: it is installed all the same, says what is missing, and goes again', only, async (t) => {
	const machine = await Machine.start(t, treeOf('bookworm'));
	machine.sh('apt-get -q -y purge postfix; mkdir -p /var/lib/postroom; mount -t tmpfs -o size=64k none /var/lib/postroom; dd if=/dev/zero of=/var/lib/postroom/full bs=1k count=64; true');
	install(machine, deb, 'first');
	assert.equal(state(machine), 'ii');
	await answers(machine);
	const { status, stdout } = machine.sh('postroom check', { check: false });
	assert.notEqual(status, 0);
	assert.match(stdout, /[Pp]ostfix/);
	assert.match(stdout, /room|full|No space/);
	machine.sh('rm /var/lib/postroom/full; mount -o remount,size=64m /var/lib/postroom; systemctl restart postroom');
	await until('the database to be made', () => machine.sh('test -s /var/lib/postroom/postroom.db', { check: false }).status === 0);
	machine.sh('apt-get -q -y purge postroom');
	assert.equal(machine.page(), 0);
});

test('a disk that is full while it is unpacked: dpkg says so, and the package is there once there is room', only, async (t) => {
	const machine = await Machine.start(t, treeOf('bookworm'));
	machine.sh('mkdir -p /usr/libexec && mount -t tmpfs -o size=200k none /usr/libexec');
	machine.copyIn(deb, '/srv/first.deb');
	const failed = machine.sh('apt-get -q -y --no-install-recommends install /srv/first.deb', { check: false });
	assert.notEqual(failed.status, 0);
	assert.match(failed.stdout + failed.stderr, /No space left/);
	assert.equal(machine.page(), 0);
	machine.sh('mount -o remount,size=64m /usr/libexec; dpkg --configure -a; apt-get -q -y --no-install-recommends install /srv/first.deb');
	assert.equal(state(machine), 'ii');
	await answers(machine);
});

test('apt twice at once, an instance, and a job that runs while the package is removed: no message is lost or kept', only, async (t) => {
	const machine = await Machine.start(t, treeOf('bookworm'));
	const config = mainCf(machine);
	mail(machine, 12, 'someone@shop.example');
	await until('all mail waits', () => inQueue(machine, 'deferred').length === 12);
	const ids = Object.keys(queue(machine)).sort();
	machine.copyIn(deb, '/srv/first.deb');
	const both = await Promise.all([0, 1].map(() => machine.begin('apt-get -q -y --no-install-recommends install /srv/first.deb').done));
	assert.ok(both.some(({ status }) => status === 0));
	assert.equal(state(machine), 'ii');
	await answers(machine);

	machine.write('etc/postroom/second.conf', '[http]\nlisten = 127.0.0.1:8026\nsocket = /run/postroom/second/postroom.sock\n[store]\npath = /var/lib/postroom/second/postroom.db\n');
	machine.sh('systemctl enable --now postroom@second');
	const second = () => machine.sh('postroom list --json --socket /run/postroom/second/postroom.sock', { check: false }).stdout.split('\n').filter(Boolean).length;
	await until('the instance to know the queue', () => second() === 12);
	await installMeanwhile(machine, repack(deb, '0.1.0+next'), 'next');
	await until('the instance to be there after the upgrade', () => second() === 12);

	await isKnown(machine, 12);
	machine.sh(`postroom hold --yes ${ids.slice(0, 6).join(' ')}`);
	machine.begin(`postroom retry --rate 6 --yes ${ids.slice(6).join(' ')}`);
	await until('the job to run', () => machine.json('postroom jobs --state running --json').length === 1);
	machine.sh('apt-get -q -y remove postroom');
	assert.equal(mainCf(machine), config);
	assert.deepEqual(Object.keys(queue(machine)).sort(), ids);
	// What somebody put on hold stays on hold: that was no delete.
	assert.deepEqual(inQueue(machine, 'hold').sort(), ids.slice(0, 6));
	assert.equal(machine.page(), 0);
	assert.notEqual(machine.sh('systemctl is-active postroom@second', { check: false }).stdout.trim(), 'active');
});

test('in a container whose first process is no systemd: installed, started by hand, used, and removed without harm', only, async (t) => {
	const machine = await Machine.start(t, treeOf('bookworm'), { init: false });
	const config = mainCf(machine);
	machine.sh('test ! -d /run/systemd/system && postfix start');
	mail(machine, 3, 'someone@shop.example');
	await until('all mail waits', () => inQueue(machine, 'deferred').length === 3);
	const ids = Object.keys(queue(machine)).sort();
	install(machine, deb, 'first');
	assert.equal(state(machine), 'ii');
	assert.equal(machine.page(), 0);
	// As docs/guide/install.md says it.
	const service = machine.begin('postroom serve');
	await answers(machine);
	await isKnown(machine, 3);
	machine.sh(`postroom delete --yes --undo 1h ${ids[0]}`);
	machine.sh('postroom pause setup --yes');
	machine.sh("postroom pause domain shop.example --until 1h --reason 'down until four' --yes");
	// Upgraded beneath it: who started it starts it anew.
	install(machine, repack(deb, '0.1.0+next'), 'next');
	assert.equal(state(machine), 'ii');
	assert.equal(queue(machine)[ids[0]], 'hold');
	// Nothing here can stop it: it is refused while it runs, and says so.
	const refused = machine.sh('apt-get -q -y remove postroom', { check: false });
	assert.notEqual(refused.status, 0);
	assert.match(refused.stdout + refused.stderr, /Postroom runs: stop it first/);
	assert.equal(machine.page(), 200);
	assert.equal(queue(machine)[ids[0]], 'hold');
	machine.sh('pkill -TERM -o -x postroom-superv');
	await service.done;
	machine.sh('apt-get -q -y purge postroom');
	assert.equal(mainCf(machine), config);
	assert.deepEqual(Object.keys(queue(machine)).sort(), ids);
	assert.deepEqual(inQueue(machine, 'hold'), []);
});

test('the units, with a second Postfix and an instance for it: actions, settings, pauses, and processes that die', only, async (t) => {
	const machine = await Machine.start(t, treeOf('bookworm'));
	install(machine, deb, 'first');
	await answers(machine);
	machine.copyIn(new URL('units.sh', import.meta.url).pathname, '/srv/units.sh');
	const { status, stdout, stderr } = machine.sh('bash /srv/units.sh second', { check: false });
	assert.equal(status, 0, `${stdout.split('\n').filter((line) => !line.startsWith('ok')).join('\n')}${stderr}`);
	assert.match(stdout, /^1\.\.\d\d+$/m);
});

test('the commands of the guide do what it says, where they are for an installed service', only, async (t) => {
	const machine = await Machine.start(t, treeOf('bookworm'));
	mail(machine, 3, 'someone@shop.example');
	await until('all mail waits', () => inQueue(machine, 'deferred').length === 3);
	install(machine, deb, 'first');
	await answers(machine);
	await isKnown(machine, 3);
	const commands = execFileSync(new URL('../../tools/docs-commands', import.meta.url).pathname, ['installed'], { encoding: 'utf8' });
	assert.match(commands, /^# docs\/guide/);
	// Root needs no sudo, and a minimal Debian has none.
	machine.sh(`set -e\nsudo() { "$@"; }\n${commands}`);

	// The first hour, as the page has it: a demo beside the service, on another port, that leaves the machine's own mail alone.
	// It has logins, for which a minimal system lacks a part: it says which.
	const before = queue(machine);
	assert.match(machine.sh('postroom demo', { check: false }).stderr, /no SASL authentication mechanisms \(apt install libsasl2-modules\)/);
	machine.sh('apt-get -q -y --no-install-recommends install libsasl2-modules');
	const demo = machine.begin('exec postroom demo >/srv/demo.log 2>&1');
	const socket = await until('the demo', () => /#login=/.test(machine.read('srv/demo.log')) && /--socket (\S+)/.exec(machine.read('srv/demo.log'))[1]);
	const ask = (words) => machine.sh(`export POSTROOM_SOCKET=${socket}\n${words}`, { check: false });
	// What a reader finds after the minute that he has read for.
	for (const filter of ['queue:deferred age>1h', 'domain:freemail.example', 'login:=newsletter'])
		await until(filter, () => ask(`postroom list --json '${filter}'`).stdout);
	const hour = execFileSync(new URL('../../tools/docs-commands', import.meta.url).pathname, ['run'], { encoding: 'utf8' });
	for (const line of hour.split('\n').filter((one) => one && !one.startsWith('#'))) {
		const { status, stdout, stderr } = ask(line);
		assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
	}
	machine.sh('pkill -INT -o -f "^postroom demo"');
	await demo.done;
	assert.equal(machine.sh(`test -e ${dirname(dirname(socket))}`, { check: false }).status, 1);
	assert.deepEqual(queue(machine), before);
	assert.equal(machine.page(), 200);
});

test('lintian finds nothing that is not explained', only, () => {
	const packages = readdirSync(dirname(deb)).filter((name) => /\.(deb|dsc)$/.test(name) && !/dbgsym/.test(name)).map((name) => join(dirname(deb), name));
	const { status, stdout, stderr } = spawnSync('lintian', ['--pedantic', '--allow-root', '--fail-on', 'error,warning,info,pedantic', ...packages], { encoding: 'utf8' });
	assert.equal(status, 0, stdout + stderr);
	assert.ok(packages.length >= 3);
});

test('the same sources give the same package, in another directory', only, (t) => {
	const out = packageAgain();
	t.after(() => rmSync(out.directory, { recursive: true }));
	assert.deepEqual(readFileSync(out.deb), readFileSync(deb));
});
