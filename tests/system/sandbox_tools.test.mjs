// The helper's filter admits what Postfix's tools do: every verb is run under it, on its good paths and its bad ones, and each system call of
// the helper and all that it starts is compared with the table (src/role/sandbox_calls.c). One that is not there fails this test, before it
// fails somebody's queue. Another version of Postfix, of a shell or of libc is tried by running this there.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Pausing, Postfix, Postroom, binary, register, until } from '../harness/index.mjs';

const probe = join(dirname(binary), 'src/role/sandbox_probe');

// What it does from now on, until stop(): {calls, programs, killed}.
async function trace(pid, file) {
	const strace = spawn('strace', ['-f', '-qq', '-s', '200', '-o', file, '-p', String(pid)], { stdio: 'ignore' });
	const ended = new Promise((done) => strace.once('exit', done));
	register(() => strace.kill('SIGKILL'));
	strace.unref(); // a test that fails before stop() ends all the same
	await until('strace to be there', () => /^TracerPid:\t[1-9]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
	return {
		async stop() {
			strace.ref();
			strace.kill('SIGTERM');
			await ended;
			const lines = readFileSync(file, 'utf8').split('\n').map((line) => line.replace(/^\d+ +/, ''));
			return {
				calls: new Set(lines.map((line) => /^(?:<\.\.\. )?([a-z0-9_]+)(?:\(| resumed>)/.exec(line)?.[1]).filter(Boolean)),
				programs: lines.map((line) => /^execve\("([^"]+)", \[([^\]]*)\](?!.*= -1)/.exec(line)).filter(Boolean).map((m) => [m[1], ...m[2].split(', ').slice(1)].join(' ')),
				killed: lines.filter((line) => /^(?:--- SIGSYS|\+\+\+ killed by SIGSYS)/.test(line)),
			};
		},
	};
}

function judge({ calls, programs, killed }, wanted) {
	const admitted = new Set(execFileSync(probe, ['calls', 'helper']).toString().trim().split('\n'));
	assert.deepEqual([...calls].filter((call) => !admitted.has(call)), [], 'system calls that the table does not have');
	assert.deepEqual(killed, []);
	assert.ok(calls.size > 50, [...calls].join(' '));
	for (const program of wanted)
		assert.ok(programs.some((text) => program.test(text)), `${program} in ${programs.join('\n')}`);
}

const settled = (postroom, { id }) => until('the change to end', async () => {
	const change = await postroom.get(`/settings/changes/${id}`);
	return change.state === 'applying' ? null : change;
});

// Long IDs: what is done to one is done at once. Short ones go by way of hold.
for (const long of ['yes', 'no'])
	test(`every verb on a spool (enable_long_queue_ids = ${long})`, { timeout: 180000 }, async () => {
		const postfix = await Postfix.start({ main: { enable_long_queue_ids: long } });
		const ids = [];
		for (let i = 0; i < 6; i++)
			ids.push(await postfix.injectDeferred({}));
		const postroom = await Postroom.start(postfix);
		for (const id of ids)
			await postroom.untilMessage(id, (m) => m.queue === 'deferred');
		const traced = await trace(postroom.pids('helper')[0], join(postroom.dir, 'trace'));
		await postroom.get(`/messages/${ids[0]}`);
		await postroom.get(`/messages/${ids[0]}/content`);
		const done = async (request) => {
			const { items } = await postroom.job(request);
			assert.deepEqual(items.map(({ outcome }) => outcome), request.ids.map(() => 'done'), JSON.stringify({ request, items }));
		};
		await done({ action: 'hold', ids: ids.slice(0, 3) });
		/* A return asks for what is known to be on hold; traced, the queue is followed late. */
		for (const id of ids.slice(0, 3))
			await postroom.untilMessage(id, (m) => m.queue === 'hold');
		await done({ action: 'release', ids: [ids[0]] });
		await done({ action: 'delete', ids: [ids[1]], undo_seconds: 0 });
		await done({ action: 'bounce', ids: [ids[2]] });
		await done({ action: 'requeue', ids: [ids[3]] });
		await done({ action: 'retry', ids: [ids[4]] });
		await postroom.post('/flush');
		const put = async () => settled(postroom, await postroom.put('/settings', { values: { queue_run_delay: '299s' } }));
		let change = await put();
		/* Traced, the helper may see the queue manager too late, and the change is taken back: that is judged elsewhere. */
		if (change.state === 'undone')
			change = await put();
		assert.equal(change.state, 'applied', JSON.stringify(change));
		// The same with what sets it back; both are judged elsewhere.
		const restored = await settled(postroom, await postroom.post(`/settings/changes/${change.id}/restore`));
		assert.ok(['applied', 'undone'].includes(restored.state), JSON.stringify(restored));
		// What fails: a message that is gone, a Postfix that is stopped, a main.cf that nobody can read.
		await postfix.command('postsuper', '-d', ids[5]);
		await postroom.job({ action: 'hold', ids: [ids[5]] }).catch(() => {}); // it may be known to be gone by then
		await postfix.stop();
		await postroom.api('POST', '/flush');
		await postroom.api('PUT', '/settings', { values: { queue_run_delay: '298s' } });
		await postroom.api('GET', '/settings');
		judge(await traced.stop(), [/postsuper .*"-h"/, /postsuper .*"-H"/, /postsuper .*"-d"/, /postsuper .*"-r"/, /postsuper .*"-e"/, /postqueue .*"-f"/,
			/postconf .*"-e"/, /postconf .*"-x"/, /postfix .*"reload"/, /postlog /, /master .*"-t"/]);
		await postroom.stop();
	});

// What pauses need: tables, postmap, both configuration files, and what others hold back.
test('the set-up of pauses, each kind of them, and their undoing', { timeout: 240000 }, async () => {
	const postfix = await Postfix.start({ main: { header_checks: 'static:OK' } });
	const postroom = await Postroom.start(postfix);
	const traced = await trace(postroom.pids('helper')[0], join(postroom.dir, 'trace'));
	const pauses = await Pausing.start(postroom);
	await pauses.set({ kind: 'domain', key: 'dst.example', subdomains: true });
	await pauses.set({ kind: 'domain', key: 'slow.example', throttle: 60 });
	await pauses.set({ kind: 'sender', key: 'news@shop.example' });
	await pauses.set({ kind: 'login', key: 'news' });
	await postfix.command('postconf', '-e', `transport_maps=regexp:${postfix.config}/transport`);
	await Pausing.start(postroom);
	await pauses.set({ kind: 'domain', key: 'pattern.example' });
	const { seen } = await postroom.get('/pauses/setup');
	assert.equal((await postroom.api('DELETE', `/pauses/setup?seen=${seen}`)).body.state, 'none');
	judge(await traced.stop(), [/postmap .*hash:.*new\/transport/, /postmap .*"-q" "-"/, /postmap .*"-q".*regexp:.*new\/transport/, /postmap .*"-s"/, /postconf .*"-m"/, /postconf .*"-P"/,
		/postconf .*"-M"/, /postconf .*"-e" "transport_maps=/, /postconf .*"-X"/, /postconf .*"-MX"/, /postfix .*"reload"/]);
	await postroom.stop();
});

test('a listing, by postqueue -j and showq, and without either', { timeout: 120000 }, async () => {
	const postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	const id = await postfix.injectDeferred({});
	const postroom = await Postroom.start(postfix, { set: { 'postfix.source': 'listing' } });
	const file = join(postroom.dir, 'trace');
	const traced = await trace(postroom.pids('helper')[0], file);
	await postroom.job({ action: 'hold', ids: [id] });
	await postroom.untilMessage(id, (m) => m.queue === 'hold');
	await postfix.stop();
	await until('a listing without the service', () => /^\d+ +execve\("[^"]*postqueue", (?!.*= -1)/m.test(readFileSync(file, 'utf8')));
	await until('what it found', async () => (await postroom.get('/queue')).warnings.some((w) => w.code === 'postfix_stopped'));
	judge(await traced.stop(), [/postsuper .*"-h"/, /postqueue .*"-j"/]);
	await postroom.stop();
});
