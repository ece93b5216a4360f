// Holding back mail on a real Postfix: what is accepted, what waits, what passes, and what becomes of all of it in the end.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { Pausing, Postfix, Postroom, Sink, binary, prefixScript, register, smallDisk, temporaryDirectory, until } from '../harness/index.mjs';

const LONG = { timeout: 300000 };
const SOON = { timeout: 90000 };
const mainCf = (postfix) => readFileSync(join(postfix.config, 'main.cf'), 'utf8');
const masterCf = (postfix) => readFileSync(join(postfix.config, 'master.cf'), 'utf8');
// What a compiled table is called, of the type that this Postfix makes by default.
const ENDING = { lmdb: 'lmdb', cdb: 'cdb' }[execFileSync('postconf', ['-h', 'default_database_type'], { encoding: 'utf8' }).trim()] ?? 'db';
const COMPILED = `transport.${ENDING}`;
const table = (postfix, name) => readFileSync(join(postfix.config, 'postroom-pauses', name), 'utf8').split('\n').filter((line) => line && line[0] !== '#');
// As programs on this host submit it.
const sendmail = (postfix, from, ...to) => new Promise((resolve, reject) => {
	const child = execFile('sendmail', ['-C', postfix.config, '-f', from, ...to], (error) => (error ? reject(error) : resolve()));
	child.stdin.end('Subject: by sendmail\n\nx\n');
});
const waits = (postfix, id) => postfix.untilIn('deferred', id);
const waiting = async (postfix, address) => (await postfix.queue()).filter((m) => m.queue_name === 'deferred' && m.recipients.some((r) => r.address === address));
// Postfix notices a table within half a minute: tries until mail to this address waits (or, once lifted, goes).
const untilHeld = (postfix, address, from) => until(`mail to ${address} to wait`, async () => {
	const id = await postfix.inject({ from, to: [address] });
	await until('an attempt', () => ['deferred', 'hold', null].includes(postfix.where(id)));
	return postfix.where(id) !== null;
}, SOON);

let sink;

before(async () => {
	sink = await Sink.start();
});

// A Postfix that is set up for pauses, its service, and what its files were before.
async function begin(to) {
	const postfix = await Postfix.start({
		sink: to,
		main: { smtpd_sasl_auth_enable: 'yes', enable_long_queue_ids: 'yes', mydestination: 'own.example', smtpd_end_of_data_restrictions: 'permit_mynetworks' },
		transports: { 'vip@dst.example': `smtp:[127.0.0.1]:${to.port}`, 'late.example': 'retry:4.3.2 not now' },
	});
	const postroom = await Postroom.start(postfix);
	const original = [mainCf(postfix), masterCf(postfix)];
	return { postfix, postroom, original, pauses: await Pausing.start(postroom) };
}

// Postfix's own commands, but for a postmap, or a reload, that fails from fail() to mend().
function failingCommands() {
	const dir = temporaryDirectory('commands');
	const failing = (what) => join(dir, `failing-${what}`);
	chmodSync(dir, 0o755);
	for (const name of readdirSync('/usr/sbin').filter((file) => /^(post|sendmail$)/.test(file) && !['postmap', 'postfix'].includes(file)))
		symlinkSync(join('/usr/sbin', name), join(dir, name));
	writeFileSync(join(dir, 'postmap'), `#!/bin/sh\nif [ -e ${failing('postmap')} ]; then echo "postmap: fatal: it does not want to" >&2; exit 1; fi\nexec /usr/sbin/postmap "$@"\n`);
	writeFileSync(join(dir, 'postfix'), `#!/bin/sh\nfor last; do :; done\nif [ "$last" = reload ] && [ -e ${failing('reload')} ]; then echo "postfix: fatal: it does not want to" >&2; exit 1; fi\nexec /usr/sbin/postfix "$@"\n`);
	for (const name of ['postmap', 'postfix'])
		chmodSync(join(dir, name), 0o755);
	return { dir, fail: (what) => writeFileSync(failing(what), ''), mend: (what) => rmSync(failing(what)) };
}

// What needs a Postfix of its own goes on beside the long ones.
describe('pauses', { concurrency: 6 }, () => {
	describe('what is held back', { concurrency: 1 }, () => {
		let postfix;
		let postroom;
		let pauses;
		before(async () => {
			({ postfix, postroom, pauses } = await begin(sink));
		});
		after(async () => {
			await postroom.stop();
			await postfix.stop();
		});

		test('while it is paused mail is taken, waits by recipient, and no flush sends it; then it is retried', LONG, async () => {
			const ids = await Promise.all([
				pauses.set({ kind: 'domain', key: 'dst.example' }),
				pauses.set({ kind: 'domain', key: 'tree.example', subdomains: true }),
				pauses.set({ kind: 'sender', key: 'news@shop.example', release: true }),
				pauses.set({ kind: 'login', key: 'Bulk' }),
				pauses.set({ kind: 'domain', key: 'slow.example', throttle: 2 }),
			]);
			await untilHeld(postfix, 'probe@dst.example');
			await untilHeld(postfix, 'probe@sub.tree.example');
			await untilHeld(postfix, 'probe@other.example', 'news@shop.example');

			const both = await postfix.inject({ to: ['a@dst.example', 'b@other.example', 'c@sub.dst.example', 'd@tree.example', 'e@deep.sub.tree.example', 'vip@dst.example'] });
			await sendmail(postfix, 'app@shop.example', 's@dst.example', 't@other.example');
			await waits(postfix, both);
			const delivered = (address) => sink.messages.some((m) => m.to.includes(address));
			await until('the other recipients', () => ['b@other.example', 'c@sub.dst.example', 't@other.example'].every(delivered));
			// An entry of the operator's own for the whole address wins, whichever table is first.
			await until('vip', () => delivered('vip@dst.example'));
			await until('sendmail\'s to wait', async () => (await waiting(postfix, 's@dst.example')).length === 1);
			const [entry] = (await postfix.queue()).filter((m) => m.queue_id === both);
			assert.deepEqual(entry.recipients.map((r) => r.address).sort(), ['a@dst.example', 'd@tree.example', 'e@deep.sub.tree.example']);
			assert.ok(entry.recipients.every((r) => /deferred transport/.test(r.delay_reason)), JSON.stringify(entry));

			// Whole messages, and of nobody else.
			const news = await postfix.inject({ from: 'News@Shop.example', to: ['x@other.example', 'y@third.example'] });
			const bulk = await postfix.inject({ from: 'any@shop.example', to: ['x@other.example'], xclient: { LOGIN: 'bulk' } });
			const free = await postfix.inject({ from: 'any@shop.example', to: ['free@other.example'], xclient: { LOGIN: 'bulky' } });
			await postfix.untilIn('hold', news, bulk);
			await postfix.untilIn(null, free);
			// The log is written by a process of its own, a moment later.
			for (const [held, pause] of [[news, ids[2]], [bulk, ids[3]]])
				await until(`the log to say why ${held} is held`, () => new RegExp(`${held}: hold: END-OF-MESSAGE.*Postroom pause ${pause}`).test(postfix.logText()));

			// Flush and retry send nothing; other mail is not affected.
			await postfix.command('postqueue', '-f');
			await postfix.command('postqueue', '-i', both);
			await until('the flush to have been tried', () => /connect to transport private\/postroom-pause: No such file/.test(postfix.logText()));
			await waits(postfix, both);
			assert.ok(!['a@dst.example', 's@dst.example', 'd@tree.example', 'e@deep.sub.tree.example', 'x@other.example'].some(delivered));

			// A throttle: one after the other, by the next hop that the mail would have had.
			assert.match(masterCf(postfix), /^postroom-slow-2-smtp\s+unix\s.*\s1\s+smtp$/m);
			assert.deepEqual(table(postfix, 'transport').filter((line) => /slow/.test(line)), [`slow.example\tpostroom-slow-2-smtp:[127.0.0.1]:${sink.port}`]);
			await postfix.injectMany(4, (i) => ({ to: [`t${i}@slow.example`] }));
			await until('all throttled mail', () => [0, 1, 2, 3].every((i) => delivered(`t${i}@slow.example`)), SOON);

			await Promise.all(ids.map((id) => pauses.lift(id)));
			// Whoever comes after a kill ends them, and does what follows.
			const [server] = postroom.pids('server');
			process.kill(server, 'SIGKILL');
			await until('another server', async () => postroom.pids('server').some((pid) => pid !== server) && (await postroom.api('GET', '/queue').catch(() => null))?.status === 200, SOON);
			await Promise.all(ids.map((id) => pauses.until(id, 'ended')));
			// What waited is tried again; what the sender's pause held is released, as was chosen, and what the login's held is not.
			// A release only puts it back; the retry that follows is why nobody waits for a run of the queue.
			for (const address of ['a@dst.example', 's@dst.example', 'd@tree.example', 'e@deep.sub.tree.example', 'y@third.example'])
				await until(`${address} to come`, () => delivered(address), SOON);
			await postfix.untilIn(null, both, news);
			assert.equal(postfix.where(bulk), 'hold');
			assert.equal(sink.messages.filter((m) => m.to.includes('x@other.example')).length, 1);
			const jobs = (await postroom.get('/jobs')).jobs.map((job) => [job.action, job.note]);
			assert.ok(jobs.some(([action, note]) => action === 'release' && /news@shop\.example/.test(note)), JSON.stringify(jobs));
			assert.ok(jobs.some(([action, note]) => action === 'retry' && /dst\.example/.test(note)), JSON.stringify(jobs));
			assert.doesNotMatch(postfix.logText(), /NOQUEUE|status=bounced|status=expired|fatal:/);
			await postroom.job({ action: 'release', ids: [bulk] });
			await postfix.command('postqueue', '-i', bulk);
			await postfix.untilIn(null, bulk);
		});

		test('what wins over a pause is told, and so is what others hold back', LONG, async () => {
			const { foreign } = await postroom.get('/pauses');
			assert.ok(foreign.some((f) => f.what === 'transport' && /late\.example retry:/.test(f.text)), JSON.stringify(foreign));
			assert.ok(!foreign.some((f) => /postroom-pause/.test(f.text)), JSON.stringify(foreign));
			appendFileSync(join(postfix.config, 'transport'), `postroom-probe@loud.example smtp:[127.0.0.1]:${sink.port}\n`);
			const id = await pauses.set({ kind: 'domain', key: 'loud.example' });
			const { trouble } = await pauses.get(id);
			assert.match(trouble, /does not hold.*smtp:\[127\.0\.0\.1\].*wins/);
			await pauses.lift(id);
			await pauses.until(id, 'lifting', 'ended');
		});

		test('a pause of our own domain needs a word, and one of all mail is refused', LONG, async () => {
			const until = new Date(Math.ceil(Date.now() / 1000 + 60) * 1000).toISOString().replace('.000', '');
			for (const [key, code] of [['*', 'invalid_value'], ['', 'invalid_value'], ['own.example', 'pause_own_domain']]) {
				const reply = await postroom.api('POST', '/pauses', { kind: 'domain', key, until, reason: 'x' });
				assert.equal(reply.body.code, code, `${key}: ${JSON.stringify(reply.body)}`);
			}
			// One that has it below itself, too.
			const above = await postroom.api('POST', '/pauses', { kind: 'domain', key: 'own.example', subdomains: true, until, reason: 'x' });
			assert.equal(above.body.code, 'pause_own_domain');
		});
	});

	describe('what it comes to in the end', { concurrency: 1 }, () => {
		let own; // what the other tests' addresses are for must not come here
		let postfix;
		let postroom;
		let pauses;
		let original;
		before(async () => {
			own = await Sink.start();
			({ postfix, postroom, pauses, original } = await begin(own));
		});
		after(async () => {
			await postroom.stop();
			await postfix.stop();
			await own.stop();
		});

		test('it ends by itself, also when the service was not there then', LONG, async () => {
			const short = await pauses.set({ kind: 'domain', key: 'short.example' });
			const gone = await pauses.set({ kind: 'domain', key: 'gone.example' });
			await pauses.change(short, 1);
			await pauses.until(short, 'lifting', 'ended');
			// Long enough for the service to stop before.
			await pauses.change(gone, 15);
			const end = Date.now() + 16000;
			await postroom.stop();
			assert.match(postroom.log, /in force, and Postfix goes on to hold mail back/);
			assert.ok(table(postfix, 'transport').some((line) => line.startsWith('gone.example')), 'held while nobody is there');
			await until('its end to pass', () => Date.now() > end);
			await postroom.up();
			await postroom.untilCurrent();
			const ended = await pauses.until(gone, 'lifting', 'ended');
			assert.equal(ended.ended_by, null);
			await until('the table without it', () => !table(postfix, 'transport').some((line) => line.startsWith('gone.example')));
		});

		test('main.cf that somebody else edits is seen, and never written over', LONG, async () => {
			const { seen } = await postroom.get('/pauses/setup');
			const stale = await pauses.set({ kind: 'domain', key: 'stale.example' });
			const whole = mainCf(postfix);
			await postfix.set({ transport_maps: `texthash:${postfix.config}/transport` });
			const edited = mainCf(postfix);
			assert.equal((await postroom.get('/pauses/setup')).state, 'changed');
			for (const [method, path, body] of [['POST', '/pauses/setup', { seen }], ['DELETE', `/pauses/setup?seen=${seen}`]]) {
				const reply = await postroom.api(method, path, body);
				assert.equal(reply.body.code, 'pause_setup_changed', JSON.stringify(reply.body));
			}
			assert.equal(mainCf(postfix), edited);
			await assert.rejects(pauses.ask({ kind: 'domain', key: 'new.example' }), /pause_setup_changed/);
			await until('the pause to say so', async () => /edited main\.cf/.test((await pauses.get(stale)).trouble ?? ''), SOON);
			await Pausing.start(postroom);
			assert.equal(mainCf(postfix).trim(), whole.trim());
			await pauses.lift(stale);
		});

		test('the set-up is undone as if it had never been', LONG, async () => {
			const left = (await pauses.all()).filter((pause) => !['ended', 'failed'].includes(pause.state));
			await Promise.all(left.map((pause) => pauses.lift(pause.id)));
			await until('an empty table', () => table(postfix, 'transport').length === 0, SOON);
			const { seen } = await postroom.get('/pauses/setup');
			const undone = await postroom.api('DELETE', `/pauses/setup?seen=${seen}`);
			assert.equal(undone.body.state, 'none', JSON.stringify(undone.body));
			assert.deepEqual([mainCf(postfix).trim(), masterCf(postfix).trim()], original.map((text) => text.trim()));
			// The tables stay: a process of Postfix that began before may still open one.
			assert.ok(readdirSync(join(postfix.config, 'postroom-pauses')).includes(COMPILED));
			const id = await postfix.inject({ to: ['a@dst.example'] });
			await postfix.untilIn(null, id);
		});

		test('the package goes while mail is held back, and without the service: main.cf is as before, and mail flows', LONG, async () => {
			await Pausing.start(postroom);
			const id = await pauses.set({ kind: 'domain', key: 'dst.example' });
			await untilHeld(postfix, 'a@dst.example');
			const [{ queue_id: held }] = await waiting(postfix, 'a@dst.example');
			await postroom.stop();
			// As it is installed: the program in its place, and the script beside it.
			const prefix = temporaryDirectory('prefix');
			mkdirSync(join(prefix, 'sbin'));
			writeFileSync(join(prefix, 'sbin/postroom'), `#!/bin/sh\nexec ${binary} "$@"\n`, { mode: 0o755 });
			const script = new URL('../../packaging/install', import.meta.url).pathname;
			const said = execFileSync(script, ['--remove'], { env: { PATH: process.env.PATH, PREFIX: prefix, POSTROOM_CONFIG: postroom.configFile }, encoding: 'utf8' });
			assert.match(said, /Pauses are out of main\.cf/);
			assert.deepEqual([mainCf(postfix).trim(), masterCf(postfix).trim()], original.map((text) => text.trim()));
			assert.deepEqual(readdirSync(join(prefix, 'sbin')), []);
			rmSync(join(postfix.config, 'postroom-pauses'), { recursive: true });
			await postfix.command('postqueue', '-i', held);
			await postfix.untilIn(null, held);
			await postfix.untilIn(null, await postfix.inject({ to: ['b@dst.example'] }));
			// Once more there is nothing to do; and a service that comes back says that its pause does not hold.
			assert.match(execFileSync(binary, ['pause', 'setup', '--undo', '--config', postroom.configFile], { encoding: 'utf8' }), /nothing to undo/);
			await postroom.up();
			await until('the pause to say so', async () => /set up/.test((await pauses.get(id)).trouble ?? ''), SOON);
			assert.doesNotMatch(postfix.logText(), /NOQUEUE|Temporary lookup failure/);
		});
	});

	test('a full disk and a postmap that fails leave the former table as it was; a lift waits for better times', LONG, async (t) => {
		const disk = smallDisk({ megabytes: 2 });
		if (!disk)
			return t.skip('nothing may be mounted here');
		const commands = failingCommands();
		const other = await Postfix.start({ sink, main: { command_directory: commands.dir } });
		const dir = join(other.config, 'postroom-pauses');
		mkdirSync(dir, { mode: 0o755 });
		execFileSync('mount', ['--bind', disk.dir, dir]);
		const unmount = register(() => execFileSync('umount', ['-l', dir]));
		const service = await Postroom.start(other);
		const holding = await Pausing.start(service);
		const kept = await holding.set({ kind: 'domain', key: 'kept.example' });
		const inode = () => statSync(join(dir, COMPILED)).ino;
		const before = inode();
		for (const [make, mend, why] of [[() => disk.fill(), () => disk.empty(), /No space left/], [() => commands.fail('postmap'), () => commands.mend('postmap'), /does not want to/]]) {
			make();
			const failed = await holding.ask({ kind: 'domain', key: 'failing.example' });
			assert.match((await holding.until(failed, 'failed')).trouble, why);
			assert.equal(inode(), before);
			const still = await other.inject({ to: ['x@kept.example'] });
			await waits(other, still);
			mend();
		}
		disk.fill();
		await holding.lift(kept);
		await until('its trouble', async () => /No space left/.test((await holding.get(kept)).trouble ?? ''), SOON);
		assert.equal((await holding.get(kept)).state, 'lifting');
		disk.empty();
		await until('the table without it', () => table(other, 'transport').length === 0, SOON);
		assert.deepEqual(readdirSync(join(dir, 'new')), []);
		await service.stop();
		await other.stop();
		unmount();
	});

	test('where a pattern table would win, ours is one in front, reloaded with each change', LONG, async () => {
		const own = await Sink.start(); // what the other tests' addresses are for must not come here
		const commands = failingCommands();
		const other = await Postfix.start({ sink: own, main: { command_directory: commands.dir } });
		writeFileSync(join(other.config, 'patterns'), `/@(.*\\.)?dst\\.example$/ smtp:[127.0.0.1]:${own.port}\n`);
		await other.set({ transport_maps: `texthash:${other.config}/transport, regexp:${other.config}/patterns` });
		const service = await Postroom.start(other);
		const before = mainCf(other);
		const setup = await service.get('/pauses/setup');
		assert.equal(setup.pattern_tables, true);
		assert.match(setup.pattern_why, /regexp:.*patterns/);
		const holding = await Pausing.start(service);
		const id = await holding.set({ kind: 'domain', key: 'dst.example', subdomains: true });
		assert.deepEqual(table(other, 'transport.regexp'), ['/[@.]dst\\.example$/ postroom-pause:']);
		assert.equal((await holding.get(id)).trouble, null);
		await untilHeld(other, 'a@dst.example');
		const held = [await other.inject({ to: ['a@dst.example'] }), await other.inject({ to: ['a@sub.dst.example'] })];
		const passes = await other.inject({ to: ['a@notdst.example', 'dst.example@other.example'] });
		await other.untilIn(null, passes);
		await waits(other, held);
		// A reload that fails is made up for: until then the pause is not in force, and says why.
		commands.fail('reload');
		const late = await holding.ask({ kind: 'domain', key: 'late.example' });
		await until('its trouble', async () => /reload/.test((await holding.get(late)).trouble ?? ''), SOON);
		assert.equal((await holding.get(late)).state, 'setting');
		commands.mend('reload');
		await holding.until(late, 'in_force');
		// As after a kill before the throttle was whole: its transport is there, its delay is not, and Postfix knows of neither.
		commands.fail('reload');
		const half = await holding.ask({ kind: 'domain', key: 'slow.example', throttle: 2 });
		assert.match((await holding.until(half, 'failed')).trouble, /reload/);
		await other.command('postconf', '-X', 'postroom-slow-2-smtp_destination_rate_delay');
		commands.mend('reload');
		await holding.set({ kind: 'domain', key: 'slow.example', throttle: 2 });
		assert.match(mainCf(other), /^postroom-slow-2-smtp_destination_rate_delay = 2s$/m);
		await other.untilIn(null, await other.inject({ to: ['a@slow.example'] }));
		await holding.lift(id);
		await holding.until(id, 'ended');
		await other.untilIn(null, held);
		const { seen } = await service.get('/pauses/setup');
		assert.equal((await service.api('DELETE', `/pauses/setup?seen=${seen}`)).body.state, 'none');
		assert.equal(mainCf(other).trim(), before.trim());
		await service.stop();
		await other.stop();
		await own.stop();
	});

	test('a provider: the domains that its hosts take, those that come later too, and no others', LONG, async () => {
		let limited = true;
		const own = await Sink.start({ rcpt: (to) => (limited && /@known\.example$/.test(to) ? '421 4.7.0 Too many from you' : null) });
		const hop = (name) => `smtp:[${name}]:${own.port}`;
		const other = await Postfix.start({
			sink: own, hosts: '127.0.0.1 localhost mx1.provider.example mx2.provider.example mx.else.example\n',
			transports: { 'known.example': hop('mx1.provider.example'), 'later.example': hop('mx2.provider.example'), 'else.example': hop('mx.else.example') },
		});
		const service = await Postroom.start(other);
		const first = await other.injectDeferred({ to: ['a@known.example'] });
		await service.untilMessage(first, ({ queue }) => queue === 'deferred');
		const holding = await Pausing.start(service);
		const id = await holding.set({ kind: 'provider', key: 'provider.example' });
		// The queue knows of one; of the other the log tells when its mail goes there.
		assert.deepEqual((await holding.get(id)).domains, ['known.example']);
		await other.untilIn(null, await other.inject({ to: ['a@later.example'] }));
		await until('the other domain to be taken in', async () => (await holding.get(id)).domains.includes('later.example'), SOON);
		await Promise.all(['known', 'later'].map((name) => untilHeld(other, `b@${name}.example`)));
		await other.untilIn(null, await other.inject({ to: ['b@else.example'] }));
		assert.deepEqual((await holding.get(id)).domains.sort(), ['known.example', 'later.example']);
		limited = false;
		const before = own.messages.length;
		const waiting = await other.queue();
		await holding.lift(id);
		await holding.until(id, 'ended');
		await until('all that waited to come', async () => (await other.queue()).length === 0, SOON);
		assert.equal(own.messages.length - before, waiting.length);
		await service.stop();
		await other.stop();
		await own.stop();
	});

	test('where main.cf cannot be written, or no table be made, it says so and how it is done by hand', LONG, async () => {
		const other = await Postfix.start({ main: { default_database_type: 'sdbm' } });
		for (const [set, why] of [[{}, /default_database_type is sdbm/], [{ 'settings.write': 'no' }, /default_database_type|settings\.write is no/], [{ 'postfix.command_prefix': prefixScript(other).path }, /command prefix/]]) {
			const service = await Postroom.start(other, { set, ready: false });
			const setup = await until('the set-up', () => service.get('/pauses/setup'));
			assert.equal(setup.state, 'impossible');
			assert.match(setup.why, why);
			const reply = await service.api('POST', '/pauses/setup', { seen: setup.seen });
			assert.equal(reply.body.code, 'pause_setup_impossible', JSON.stringify(reply.body));
			await service.stop();
		}
		await other.stop();
	});

	test('where something else writes main.cf, pauses hold once its lines are there', LONG, async () => {
		const other = await Postfix.start({ sink });
		const service = await Postroom.start(other, { set: { 'settings.write': 'no' } });
		const setup = await service.get('/pauses/setup');
		assert.equal(setup.state, 'impossible');
		// Word for word what it says.
		const dir = join(other.config, 'postroom-pauses');
		assert.ok(setup.by_hand.includes(`mkdir -m 755 ${dir}`), setup.by_hand);
		mkdirSync(dir, { mode: 0o755 });
		for (const name of ['transport', 'sender', 'login', 'transport.regexp'])
			writeFileSync(join(dir, name), '');
		for (const name of ['transport', 'sender', 'login'])
			await other.command('postmap', `hash:${join(dir, name)}`);
		await other.set(Object.fromEntries(setup.lines.map((line) => [line.name, line.after])));
		assert.equal((await service.get('/pauses/setup')).state, 'done');
		const holding = new Pausing(service);
		await holding.set({ kind: 'domain', key: 'dst.example' });
		await assert.rejects(holding.set({ kind: 'domain', key: 'slow.example', throttle: 10 }), /settings\.write is no/);
		const { seen } = await service.get('/pauses/setup');
		const kept = await service.api('DELETE', `/pauses/setup?seen=${seen}`);
		assert.equal(kept.body.code, 'pause_setup_impossible');
		assert.match(JSON.stringify(kept.body), /settings\.write is no/);
		assert.deepEqual(table(other, 'transport'), ['dst.example\tpostroom-pause:']);
		await service.stop();
		await other.stop();
	});
});
