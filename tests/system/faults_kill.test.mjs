// Each process killed in the middle of a job: the job goes on, every message ends with a truthful outcome,
// none is lost or wrongly removed, and the queue is as the outcomes say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { Postfix, Postroom, Sink, slowCommands, until } from '../harness/index.mjs';

const COUNT = 200;
const BYSTANDERS = 10;
const LONG = { timeout: 120000 };

const ALL = ['hold', 'delete', 'undo', 'grace', 'requeue', 'retry'];
// What each plays a part in.
const ROLES = {
	long: { server: ALL, helper: ALL, logreader: ['requeue'], supervisor: ['requeue'] },
	short: { server: ['delete', 'undo', 'requeue'], helper: ['delete', 'grace', 'requeue'], reader: ['delete'], supervisor: ['grace'] },
};

const counted = (items) => items.reduce((sum, { outcome }) => ({ ...sum, [outcome]: (sum[outcome] ?? 0) + 1 }), {});
const only = (items, ...outcomes) => assert.deepEqual(items.filter((i) => !outcomes.includes(i.outcome)).slice(0, 3), [], JSON.stringify(counted(items)));

for (const form of ['long', 'short'])
	describe(`${form} IDs`, () => {
		let sink;
		let slow;
		let postfix;
		let postroom;
		let bystanders;
		let round = 0;

		before(async () => {
			sink = await Sink.start({ rcpt: () => '450 4.2.0 Try again later' });
			slow = slowCommands();
			postfix = await Postfix.start({ sink, main: {
				enable_long_queue_ids: form === 'long' ? 'yes' : 'no', command_directory: slow.dir,
				default_destination_concurrency_failed_cohort_limit: '0', minimal_backoff_time: '4000s',
			} });
			bystanders = await postfix.injectMany(BYSTANDERS, (i) => ({ from: `by${i}@stander.example`, to: [`b${i}@mail.example`] }));
			await postfix.untilIn('deferred', bystanders);
		});
		after(() => postfix.remove());
		// Each time a new one: who dies often is started again later and later.
		beforeEach(async () => { postroom = await Postroom.start(postfix); });
		afterEach(() => postroom.stop());

		async function mail(count = COUNT) {
			const tag = `r${++round}`;
			const ids = await postfix.injectMany(count, (i) => ({ from: `${tag}-${i}@shop.example`, to: [`u${i}@mail.example`] }));
			await postfix.untilIn('deferred', ids);
			await until('all to be seen', async () => (await postroom.get(`/messages?limit=1&filter=from:${tag}-*@shop.example`)).matched === count);
			return { tag, ids };
		}

		// Kills the role, and waits until there is a new one.
		async function kill(role) {
			if (role === 'supervisor') {
				// Its roles end with it: they hold the standard error whose end is waited for here.
				postroom.child.kill('SIGKILL');
				await until('all roles to end', () => !postroom.child);
				await postroom.up();
				return;
			}
			const [pid] = postroom.pids(role);
			process.kill(pid, 'SIGKILL');
			await until(`a new ${role}`, () => postroom.pids(role).some((now) => now !== pid));
		}

		// Begins a job, kills `role` when Postfix's command has done half of it, and gives the job's end.
		async function interrupted(role, request) {
			slow.stall();
			const { id } = await postroom.post('/jobs', request);
			await slow.untilStalled();
			await kill(role);
			slow.go();
			return until(`the end of job ${id}`, () => postroom.untilJob(id), { timeout: 60000 });
		}

		async function senders(tag) {
			return (await postfix.queue()).map((m) => m.sender).filter((s) => s.startsWith(`${tag}-`)).sort();
		}

		// What no job was about stays where it was (a flush tries it, too).
		const untouched = () => postfix.untilIn('deferred', bystanders);

		const sorted = (list) => [...list].sort();

		for (const [role, actions] of Object.entries(ROLES[form])) {
			// What the helper knew is lost with it.
			const proven = role === 'server' || role === 'reader' || role === 'logreader';
			const what = `${role} killed, ${form} IDs`;

			if (actions.includes('hold')) test(`hold and release (${what})`, LONG, async () => {
				const { ids } = await mail();
				const held = await interrupted(role, { action: 'hold', ids });
				assert.equal(held.job.state, 'done');
				only(held.items, 'done');
				assert.deepEqual(sorted(postfix.ids('hold')), sorted(ids));
				const released = await interrupted(role, { action: 'release', ids });
				only(released.items, 'done');
				assert.deepEqual(postfix.ids('hold'), []);
				await postfix.untilIn('deferred', ids);
				await untouched();
				await postfix.feed('postsuper', ['-d', '-'], ids.join('\n'));
			});

			if (actions.includes('delete')) test(`delete at once (${what})`, LONG, async () => {
				const { ids } = await mail();
				const { job, items } = await interrupted(role, { action: 'delete', ids, undo_seconds: 0 });
				assert.equal(job.state, 'done');
				if (proven || form === 'short')
					only(items, 'done');
				else
					only(items, 'done', 'unknown');
				assert.ok(items.filter((i) => i.outcome === 'unknown').every((i) => i.detail?.length > 10));
				assert.deepEqual(ids.map((id) => postfix.where(id)).filter(Boolean), []);
				await untouched();
			});

			if (actions.includes('undo')) test(`delete with a grace time, undone (${what})`, LONG, async () => {
				const { ids } = await mail();
				await postfix.feed('postsuper', ['-h', '-'], `${ids[0]}\n${ids[COUNT - 1]}\n`);
				await postroom.untilMessage(ids[0], (m) => m.queue === 'hold');
				await postroom.untilMessage(ids[COUNT - 1], (m) => m.queue === 'hold');
				const { job, items } = await interrupted(role, { action: 'delete', ids, undo_seconds: 600 });
				assert.equal(job.state, 'grace');
				only(items, 'held');
				assert.deepEqual(sorted(postfix.ids('hold')), sorted(ids));
				slow.stall();
				await postroom.post(`/jobs/${job.id}/undo`);
				await slow.untilStalled();
				await kill(role);
				slow.go();
				const undone = await until('the undo', () => postroom.untilJob(job.id, ['undone']), { timeout: 60000 });
				only(undone.items, 'undone');
				assert.deepEqual(sorted(postfix.ids('hold')), sorted([ids[0], ids[COUNT - 1]]), 'what was held before stays held');
				await postfix.untilIn('deferred', ids.slice(1, -1));
				await untouched();
				await postfix.feed('postsuper', ['-d', '-'], ids.join('\n'));
			});

			if (actions.includes('grace')) test(`delete with a grace time, over (${what})`, LONG, async () => {
				const { ids } = await mail();
				const { id } = await postroom.post('/jobs', { action: 'delete', ids, undo_seconds: 3 });
				await until('the grace time', async () => (await postroom.get(`/jobs/${id}`)).state === 'grace');
				slow.stall();
				await slow.untilStalled();
				await kill(role);
				slow.go();
				const { items } = await until('the end', () => postroom.untilJob(id, ['done']), { timeout: 60000 });
				only(items, 'done');
				assert.deepEqual(ids.map((one) => postfix.where(one)).filter(Boolean), []);
				await untouched();
			});

			if (actions.includes('requeue')) test(`re-queue (${what})`, LONG, async () => {
				const { tag, ids } = await mail();
				const { job, items } = await interrupted(role, { action: 'requeue', ids });
				assert.equal(job.state, 'done');
				only(items, 'done', 'unknown');
				if (proven)
					only(items, 'done');
				await postfix.command('postqueue', '-f');
				await postfix.untilIn(null, ids);
				const expected = sorted(ids.map((_, i) => `${tag}-${i}@shop.example`));
				await until('every message, once', async () => JSON.stringify(await senders(tag)) === JSON.stringify(expected));
				await untouched();
				const now = (await postfix.queue()).filter((m) => m.sender.startsWith(`${tag}-`)).map((m) => m.queue_id);
				await postfix.feed('postsuper', ['-d', '-'], now.join('\n'));
			});

			if (actions.includes('retry')) test(`retry (${what})`, LONG, async () => {
				const { tag, ids } = await mail();
				const flush = () => execFileSync('ps', ['-eo', 'pid=,ppid=,comm=']).toString().split('\n').map((l) => l.trim().split(/\s+/))
					.filter(([, parent, name]) => name === 'flush' && parent === master).map(([pid]) => Number(pid));
				const master = execFileSync('cat', [`${postfix.spool}/pid/master.pid`]).toString().trim();
				// A flush(8) that does not answer is where a retry stands still.
				await postfix.command('postqueue', '-i', ids[0]);
				await until('flush(8)', () => flush().length > 0);
				flush().forEach((pid) => process.kill(pid, 'SIGSTOP'));
				const { id } = await postroom.post('/jobs', { action: 'retry', ids });
				await until('the retry to be sent', async () => (await postroom.get(`/jobs/${id}`)).counts.sent > 0);
				await kill(role);
				flush().forEach((pid) => process.kill(pid, 'SIGCONT'));
				const { items } = await until('the end', () => postroom.untilJob(id), { timeout: 60000 });
				// Those under way may have been given up on before flush(8) went on: then that is said.
				only(items.filter((i) => !/flush service does not answer/.test(i.detail)), 'done');
				await postfix.untilIn('deferred', ids);
				assert.equal((await senders(tag)).length, COUNT);
				await untouched();
				await postfix.feed('postsuper', ['-d', '-'], ids.join('\n'));
			});
		}
	});
