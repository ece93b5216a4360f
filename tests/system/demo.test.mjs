// `postroom demo`: a lifelike queue by real deliveries, a link that signs in once, and nothing left over.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { Prometheus, binary, register, schemaProblem, temporaryDirectory, until } from '../harness/index.mjs';

const WHERE = '/var/tmp';

// A demo on a port of its own: {child, output(), ended}. `within` is a command that runs it.
function start(within = []) {
	const [command, ...args] = [...within, binary, 'demo', '--listen', '127.0.0.1:0'];
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	child.stdout.on('data', (data) => { output += data; });
	child.stderr.on('data', (data) => { output += data; });
	// What it started holds its pipes: they close once all of it is gone.
	const closed = new Promise((done) => child.on('close', (status) => done(status)));
	const ended = () => until('the demo and all that it started to be gone', async () => [await closed])
		.then(([status]) => status, (error) => {
			throw new Error(`${error.message}\n${output}\n${spawnSync('ps', ['-eo', 'pid,ppid,pgid,etime,args'], { encoding: 'utf8' }).stdout}`);
		});
	// SIGTERM, so that it takes down its Postfix, also where a test failed.
	register(() => child.exitCode ?? child.kill('SIGTERM'));
	return { child, ended, output: () => output };
}

const directoriesOf = () => readdirSync(WHERE).filter((name) => name.startsWith('postroom-demo-')).map((name) => `${WHERE}/${name}`);

const untilLink = (demo) => until('the link', () => {
	if (demo.child.exitCode !== null)
		throw Object.assign(new Error(`the demo ended:\n${demo.output()}`), { final: true });
	return /#login=/.test(demo.output());
}, { timeout: 60000 });

function list(socket, filter) {
	const result = spawnSync(binary, ['list', '--json', '--socket', socket, filter], { encoding: 'utf8' });
	return result.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

function post(base, path, body, headers = {}) {
	return new Promise((resolve, reject) => {
		const outgoing = request(`${base}${path}`, { method: body ? 'POST' : 'GET', headers: { ...(body ? { 'Content-Type': 'application/json', Origin: base } : {}), ...headers } }, (reply) => {
			let text = '';
			reply.on('data', (data) => { text += data; });
			reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, text }));
		});
		outgoing.on('error', reject);
		outgoing.end(body ? JSON.stringify(body) : undefined);
	});
}

const get = async (base, path, Cookie) => JSON.parse((await post(base, path, undefined, { Cookie })).text);

// Debian's Prometheus, which scrapes a demo with a token.
async function scrape(base, headers) {
	const { status, text } = await post(base, '/api/v1/tokens', { name: 'prometheus', role: 'viewer' }, headers);
	assert.equal(status, 201, text);
	const file = join(temporaryDirectory('token'), 'token');
	writeFileSync(file, JSON.parse(text).token, { mode: 0o600 });
	return Prometheus.start({ scrape: [{ job_name: 'demo', authorization: { credentials_file: file }, static_configs: [{ targets: [new URL(base).host] }] }] });
}

test('the page answers, signs in once, and shows a queue in every kind of trouble', async () => {
	const demo = start();
	await untilLink(demo);
	const [, base, once] = /(http:\/\/127\.0\.0\.1:\d+)\/#login=(\S+)/.exec(demo.output());
	const [, socket] = /list --socket (\S+)/.exec(demo.output());
	const dir = socket.replace('/run/postroom.sock', '');
	// What works on files needs to be told whose.
	const [, config] = /audit verify --config (\S+)/.exec(demo.output());
	const audit = (...args) => spawnSync(binary, ['audit', ...args], { encoding: 'utf8', env: { ...process.env, POSTROOM_SOCKET: socket } });
	assert.match(audit('verify', '--config', config).stdout, /It is whole\./);
	assert.match(audit('key', '--config', config).stdout, /^postroom-audit-key-1 /);
	const other = audit('verify');
	assert.equal(other.status, 4);
	assert.match(other.stderr, /not of the service whose socket you have named: name its configuration \(--config FILE/);

	assert.equal((await post(base, '/')).status, 200);
	assert.equal((await post(base, '/api/v1/queue')).status, 401);
	const login = await post(base, '/api/v1/login', { once });
	assert.equal(login.status, 200, login.text);
	assert.equal(schemaProblem('Me', JSON.parse(login.text)), null);
	const cookie = login.headers['set-cookie'][0].split(';')[0];
	assert.equal((await post(base, '/api/v1/login', { once })).status, 401);
	const prometheus = await scrape(base, { Cookie: cookie, 'X-Postroom': '1' });

	const reasons = ['over quota', 'Connection refused', 'Greylisted', 'unusual rate', 'Connection timed out', 'blocklist', 'lookup failure',
		'refused to start TLS', 'TLS is required, but was not offered', 'Host or domain name not found', 'Insufficient system storage'];
	await until('all kinds of trouble', () => {
		const missing = reasons.filter((reason) => !list(socket, `reason:"${reason}"`).length);
		if (missing.length)
			throw new Error(`no message has: ${missing.join(', ')}`);
		return true;
	}, { timeout: 60000 });
	for (const filter of ['queue:hold', 'queue:active', 'from:<>', 'recipients>30', 'to:bücher.example', 'login:newsletter', 'client:192.0.2.10'])
		await until(filter, () => list(socket, filter).length > 0, { timeout: 40000 });
	// One message, many recipients, different reasons.
	await until('four reasons in one message', async () => {
		const [many] = list(socket, 'recipients>30 queue:deferred');
		const detail = JSON.parse((await post(base, `/api/v1/messages/${many.id}`, undefined, { Cookie: cookie })).text);
		return new Set(detail.recipients.map((r) => r.dsn).filter(Boolean)).size >= 4;
	}, { timeout: 60000 });

	// A day that has been: mail that has waited for minutes to days, as Postfix itself tells it, depths, and a log.
	const old = list(socket, 'age>1h');
	assert.ok(old.length >= 40, `${old.length}`);
	assert.ok(list(socket, 'age>2d').length >= 3);
	const asked = (await get(base, `/api/v1/messages/${old[0].id}`, cookie));
	assert.ok(asked.recipients[0].reason, JSON.stringify(asked.recipients[0]));
	assert.match(spawnSync('postcat', ['-c', `${dir}/postfix`, '-q', old[0].id], { encoding: 'utf8' }).stdout, new RegExp(`recipient: ${asked.recipients[0].address}\n`));
	const { samples } = await get(base, '/api/v1/history', cookie);
	assert.ok(samples.length > 250 && Math.max(...samples.map(({ deferred }) => deferred)) > 200, `${samples.length}`);
	assert.match(readFileSync(`${dir}/mail.log.1`, 'utf8'), /status=deferred \(connect to mx\.customer\.example\[[0-9.]+\]:\d+: Connection refused\)/);
	const { incidents } = await get(base, '/api/v1/incidents?state=all', cookie);
	assert.ok(incidents.some(({ state, subject }) => state === 'ended' && subject.key === 'customer.example'), JSON.stringify(incidents));
	// What waits is Postfix's own: a retry tries it.
	assert.equal(spawnSync(binary, ['retry', '--yes', '--socket', socket, old[0].id]).status, 0);
	await until('an attempt', () => new RegExp(`${old[0].id}: to=<.*delay=`).test(readFileSync(`${dir}/mail.log`, 'utf8')));
	// A login that was stolen, under way.
	await until('the flood', () => list(socket, 'login:info client:203.0.113.77').length > 0);

	// A test meets the hosts that Postfix meets.
	const probe = spawnSync(binary, ['probe', '--socket', socket, 'freemail.example'], { encoding: 'utf8' });
	assert.equal(probe.status, 0, probe.stdout + probe.stderr);
	assert.match(probe.stdout, /^ok +greeting /m);

	// New mail trickles in.
	const newest = () => Math.max(...spawnSync('cat', [`${dir}/mail.log`], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout.split('\n').filter((line) => / client=/.test(line)).map((_, i) => i));
	const before = newest();
	await until('new mail', () => newest() > before);

	// The flood is told, against what the log of the past says is usual for that login; within two minutes or so, as the log is counted by minutes.
	const flood = await until('the flood as an incident', async () =>
		(await get(base, '/api/v1/incidents', cookie)).incidents.find(({ kind, subject }) => kind === 'flood' && subject.key === 'info'), { timeout: 150000 });
	assert.equal(flood.filter, 'login:=info');
	await prometheus.untilBoardAnswers();

	// It is held back as the page says: Postfix is set up once, then new mail of that login goes on hold.
	const cli = (...args) => spawnSync(binary, [...args, '--socket', socket], { encoding: 'utf8' });
	for (const args of [['pause', 'setup', '--yes'], ['pause', 'login', 'info', '--until', '1h', '--reason', 'stolen', '--yes'],
		['pause', 'domain', 'freemail.example', '--until', '1h', '--reason', 'a test', '--yes']]) {
		const said = cli(...args);
		assert.equal(said.status, 0, said.stdout + said.stderr);
	}
	await until('new mail of the login on hold', () => list(socket, 'login:=info queue:hold paused:yes').length > 1, { timeout: 90000 });
	assert.doesNotMatch(readFileSync(`${dir}/mail.log`, 'utf8'), /warning: restriction/);
	// A test looks behind the pause.
	const behind = cli('probe', 'freemail.example');
	assert.equal(behind.status, 0, behind.stdout + behind.stderr);
	assert.match(behind.stdout, /A pause holds its mail back now[^]*\nok +greeting /);

	demo.child.kill('SIGINT');
	assert.equal(await demo.ended(), 0, demo.output());
	assert.equal(existsSync(dir), false);
	assert.equal(spawnSync('pgrep', ['-f', dir]).status, 1, 'no process is left');
});

// Many containers and chroots forbid mount namespaces, as they do without CAP_SYS_ADMIN.
const WITHOUT_MOUNTS = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];
const canDrop = spawnSync(WITHOUT_MOUNTS[0], [...WITHOUT_MOUNTS.slice(1), 'true']).status === 0;

test('where no mount namespace is allowed, a name server fails all the same', { skip: !canDrop && 'no capability can be dropped here' }, async () => {
	const [command, ...args] = WITHOUT_MOUNTS;
	assert.notEqual(spawnSync(command, [...args, 'unshare', '-m', 'true']).status, 0);
	const demo = start(WITHOUT_MOUNTS);
	await untilLink(demo);
	const [, socket] = /list --socket (\S+)/.exec(demo.output());
	const dir = socket.replace('/run/postroom.sock', '');
	const [lost] = await until('a name that is not found', () => {
		const found = list(socket, 'to:lost-zone.example queue:deferred reason:"Host or domain name not found"');
		return found.length > 0 ? found : null;
	}, { timeout: 60000 });
	// Postfix's own words, of a look-up that it made.
	assert.match(readFileSync(`${dir}/mail.log`, 'utf8'), new RegExp(`postfix/smtp\\[\\d+\\]: ${lost.id}: .*Name service error for name=lost-zone.example type=MX: Host not found, try again`));
	demo.child.kill('SIGINT');
	assert.equal(await demo.ended(), 0, demo.output());
	assert.equal(existsSync(dir), false);
});

test('stopped half-way, it leaves nothing', async () => {
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
		const before = directoriesOf();
		const demo = start();
		const dir = await until('its directory', () => directoriesOf().find((name) => !before.includes(name)));
		demo.child.kill(signal);
		assert.equal(await demo.ended(), 0, demo.output());
		assert.equal(existsSync(dir), false, signal);
		assert.equal(spawnSync('pgrep', ['-f', dir]).status, 1);
	}
});

test('when its service dies, it says why and leaves nothing', async () => {
	const before = directoriesOf();
	const demo = start();
	const dir = await until('its directory', () => directoriesOf().find((name) => !before.includes(name)));
	await untilLink(demo);
	const [pid] = spawnSync('pgrep', ['-P', String(demo.child.pid), '-f', 'postroom-supervisor serve'], { encoding: 'utf8' }).stdout.split('\n');
	assert.ok(Number(pid) > 1, pid); // 0 would be this test itself
	process.kill(Number(pid), 'SIGKILL');
	assert.equal(await demo.ended(), 1);
	assert.match(demo.output(), /ended by itself/);
	assert.equal(existsSync(dir), false);
});

test('wrong usage, and no root, are said', () => {
	assert.equal(spawnSync(binary, ['demo', '--nonsense']).status, 2);
	assert.equal(spawnSync(binary, ['demo', '--listen', 'nowhere']).status, 2);
	const result = spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', binary, 'demo'], { encoding: 'utf8' });
	assert.equal(result.status, 1);
	assert.match(result.stderr, /root/);
});

const mounts = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

test('where another mail server is installed, it keeps away', { skip: !mounts && 'nothing may be mounted here' }, () => {
	// In a mount namespace of its own, /usr/sbin has an Exim too.
	const script = 'mkdir -p $0/u && cp -a /usr/sbin/postfix $0/u/ && : > $0/u/exim4 && mount --bind $0/u /usr/sbin && exec "$1" demo';
	const dir = spawnSync('mktemp', ['-d'], { encoding: 'utf8' }).stdout.trim();
	register(() => spawnSync('rm', ['-rf', dir]));
	const result = spawnSync('unshare', ['-m', 'sh', '-c', script, dir, binary], { encoding: 'utf8' });
	assert.equal(result.status, 1, result.stderr);
	assert.match(result.stderr, /another mail server is installed here \(Exim/);
});

test('where a part of Postfix is missing, it says which', { skip: !mounts && 'nothing may be mounted here' }, () => {
	// As on a minimal system: without the mechanisms by which its users log in.
	const result = spawnSync('unshare', ['-m', 'sh', '-c', 'for each in /usr/lib/*/sasl2; do mount -t tmpfs tmpfs "$each"; done; exec "$0" demo --listen 127.0.0.1:0', binary], { encoding: 'utf8' });
	assert.equal(result.status, 1, result.stdout);
	assert.match(result.stderr, /no SASL authentication mechanisms \(apt install libsasl2-modules\)/);
});
