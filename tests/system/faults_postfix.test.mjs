// Postfix stopped, reloading, or its configuration gone; its log missing, rotated, or no log at all; main.cf
// that cannot be written: each is said, and nothing is claimed that did not happen.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmdirSync, truncateSync, unlinkSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';

const LONG = { timeout: 120000 };
const REFUSAL = '452 4.2.2 Mailbox full';

let sink;
let postfix;
let postroom;

before(async () => {
	sink = await Sink.start({ rcpt: () => REFUSAL });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes', minimal_backoff_time: '4000s' } });
});
after(() => postfix.remove());
afterEach(() => postroom?.stop());

const outcomes = (items) => items.reduce((sum, { outcome }) => ({ ...sum, [outcome]: (sum[outcome] ?? 0) + 1 }), {});
const warning = (code, timeout = 20000) => until(`the warning ${code}`, async () => (await postroom.get('/queue')).warnings.find((w) => code.test(w.code)), { timeout });
const noWarning = (code, timeout = 40000) => until(`no warning ${code}`, async () => {
	const found = (await postroom.get('/queue')).warnings.filter((w) => code.test(w.code));
	if (found.length)
		throw new Error(JSON.stringify(found));
	return true;
}, { timeout });

async function mail(count) {
	const ids = await postfix.injectMany(count, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@mail.example`] }));
	await postfix.untilIn('deferred', ids);
	return ids;
}

async function start(set = {}) {
	postroom = await Postroom.start(postfix, { set });
}

test('Postfix stopped: what works without it works, what does not says so', LONG, async () => {
	const ids = await mail(6);
	await start();
	for (const id of ids)
		await postroom.untilMessage(id);
	await postfix.stop();
	const stopped = await warning(/postfix_stopped/);
	assert.match(stopped.fix, /postfix .*start/);
	assert.equal((await postroom.get('/queue')).postfix.running, false);

	const retry = await postroom.job({ action: 'retry', ids: ids.slice(0, 2) });
	assert.deepEqual(outcomes(retry.items), { refused: 2 });
	assert.ok(retry.items.every((i) => /running|flush service/.test(i.detail)), JSON.stringify(retry.items));
	const flush = await postroom.api('POST', '/flush', {});
	assert.ok(flush.status >= 400 && flush.body.detail.length > 10, flush.text);

	assert.deepEqual(outcomes((await postroom.job({ action: 'hold', ids: ids.slice(2, 4) })).items), { done: 2 });
	assert.deepEqual(postfix.ids('hold').sort(), ids.slice(2, 4).sort());
	assert.deepEqual(outcomes((await postroom.job({ action: 'delete', ids: [ids[4]], undo_seconds: 0 })).items), { done: 1 });
	assert.equal(postfix.where(ids[4]), null);
	assert.deepEqual(outcomes((await postroom.job({ action: 'requeue', ids: [ids[5]] })).items), { done: 1 });
	assert.equal(postfix.where(ids[5]), 'maildrop');
	assert.equal((await postroom.api('GET', `/messages/${ids[0]}/content`)).status, 200);

	const settings = await postroom.api('PUT', '/settings', { values: { queue_run_delay: '400s' } });
	if (settings.status < 300) {
		const change = await until('the change to end', async () => {
			const now = await postroom.get(`/settings/changes/${settings.body.id}`);
			return now.state === 'applying' ? null : now;
		}, { timeout: 60000 });
		// It is written, and nobody says more than that.
		assert.match(change.detail, /not running/, JSON.stringify(change));
		assert.match(readFileSync(`${postfix.config}/main.cf`, 'utf8'), /^queue_run_delay = 400s$/m);
		await postfix.command('postconf', '-X', 'queue_run_delay');
	} else
		assert.ok(settings.body.detail.length > 10);

	await postfix.up();
	await noWarning(/postfix_stopped/);
	const again = await postroom.job({ action: 'retry', ids: ids.slice(0, 2) });
	assert.deepEqual(outcomes(again.items), { done: 2 });
	await postfix.feed('postsuper', ['-H', '-'], ids.join('\n'));
});

// It logs to nobody: where one reload follows the other, Postfix's own postlogd gets stuck until its watchdog ends it, and
// every command that logs waits for it, also `postfix stop`.
test('Postfix reloading and starting again in the middle of jobs', LONG, async () => {
	const busy = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes', minimal_backoff_time: '4000s', maillog_file: '' } });
	const ids = await busy.injectMany(300, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@mail.example`] }));
	await busy.untilIn('deferred', ids);
	postroom = await Postroom.start(busy);
	await until('all to be seen', async () => (await postroom.get('/queue')).counts.deferred === ids.length);
	let going = true;
	const reloads = (async () => {
		for (let i = 0; going; i++)
			await (i % 3 === 2 ? busy.stop().then(() => busy.up()) : busy.reload());
	})();
	try {
		for (const action of ['hold', 'release', 'hold']) {
			const { items } = await postroom.job({ action, ids });
			assert.deepEqual(outcomes(items), { done: 300 }, JSON.stringify(items.find((item) => item.outcome !== 'done')));
		}
		const deleted = await postroom.job({ action: 'delete', ids: ids.slice(0, 150), undo_seconds: 0 });
		assert.deepEqual(outcomes(deleted.items), { done: 150 });
	} finally {
		going = false;
		await reloads;
	}
	assert.deepEqual(busy.ids('hold').sort(), ids.slice(150).sort());
	assert.deepEqual(ids.slice(0, 150).filter((id) => busy.where(id)), []);
	await postroom.stop();
	busy.remove();
});

// With a maillog_file that only root may write, postsuper does one message, and dies a second later for want of a log.
test('a job of several while Postfix is stopped', LONG, async () => {
	const ids = await mail(5);
	await start();
	for (const id of ids)
		await postroom.untilMessage(id);
	await postfix.stop();
	assert.deepEqual(outcomes((await postroom.job({ action: 'hold', ids })).items), { done: 5 });
	assert.deepEqual(postfix.ids('hold').sort(), [...ids].sort());
	await postfix.up();
	await postfix.feed('postsuper', ['-d', '-'], ids.join('\n'));
});

test('the configuration directory is taken away, and comes back', LONG, async () => {
	const ids = await mail(2);
	await start();
	await postroom.untilMessage(ids[0]);
	const away = `${postfix.config}.away`;
	renameSync(postfix.config, away);
	try {
		const { items } = await postroom.job({ action: 'hold', ids });
		assert.deepEqual(outcomes(items), { refused: 2 }, JSON.stringify(items));
		assert.ok(items[0].detail.length > 10);
		assert.deepEqual(ids.map((id) => postfix.where(id)), ['deferred', 'deferred']);
		const settings = await postroom.api('GET', '/settings');
		assert.ok(settings.status >= 400 ? settings.body.detail.length > 10 : settings.body.writable === false || settings.body.warnings.length > 0, settings.text);
		assert.equal((await postroom.api('GET', `/messages/${ids[0]}/content`)).status, 200);
	} finally {
		renameSync(away, postfix.config);
	}
	assert.deepEqual(outcomes((await postroom.job({ action: 'hold', ids })).items), { done: 2 });
	await postfix.feed('postsuper', ['-d', '-'], ids.join('\n'));
});

test('no Postfix at all: the page is there and says what is missing', LONG, async () => {
	postroom = await Postroom.start({ config: '/nonexistent/postfix' }, { ready: false });
	const missing = await warning(/postfix_missing/);
	assert.ok(missing.fix.length > 10);
	assert.equal(missing.severity, 'error');
	const queue = await postroom.get('/queue');
	assert.notEqual(queue.source.state, 'current');
	const job = await postroom.api('POST', '/jobs', { action: 'delete', ids: ['4jXNqT1pN0z1cB5n'], undo_seconds: 0 });
	assert.ok(job.status >= 400 || (await postroom.get(`/jobs/${job.body.id}`)).counts.done === 0, job.text);
});

const attempts = (id, count) => until(`${count} attempts of ${id}`, async () => {
	const found = (await postroom.get(`/messages/${id}`)).attempts;
	return found.length >= count ? found : null;
});

test('the log rotated while it is read: by renaming, and by copying and cutting', LONG, async () => {
	const [id] = await mail(1);
	await start();
	await attempts(id, 1);
	const retry = async (count) => {
		await postfix.command('postqueue', '-i', id);
		await postfix.untilIn('deferred', id);
		await attempts(id, count);
	};
	await retry(2);
	renameSync(postfix.log, `${postfix.log}.1`);
	// As after a logrotate without a signal: postlogd goes on writing to the old file for a while.
	await retry(3);
	// What `postfix logrotate` does.
	process.kill(Number(readFileSync(`${postfix.spool}/pid/master.pid`, 'utf8')), 'SIGHUP');
	await retry(4);
	copyFileSync(postfix.log, `${postfix.log}.2`);
	truncateSync(postfix.log, 0);
	await retry(5);
	// And what a service started now finds.
	await postroom.stop();
	await start();
	await attempts(id, 2);
	await noWarning(/log/);
	for (const name of [`${postfix.log}.1`, `${postfix.log}.2`])
		unlinkSync(name);
});

test('a log that is missing is said, and read when it is there', LONG, async () => {
	const [id] = await mail(1);
	const path = `${postfix.dir}/other.log`;
	await start({ 'postfix.log': path });
	const missing = await warning(/log/);
	assert.match(missing.text + missing.fix, /other\.log/);
	assert.equal((await postroom.api('GET', `/messages/${id}`)).status, 200);
	copyFileSync(postfix.log, path);
	await attempts(id, 1);
	await noWarning(/log/);
	unlinkSync(path);
});

test('a directory and a pipe where the log should be', LONG, async () => {
	const [id] = await mail(1);
	const path = `${postfix.dir}/no.log`;
	for (const [make, remove] of [[() => mkdirSync(path), () => rmdirSync(path)], [() => execFileSync('mkfifo', [path]), () => unlinkSync(path)]]) {
		make();
		await start({ 'postfix.log': path });
		const said = await warning(/log/);
		assert.ok(said.text.includes('no.log'), JSON.stringify(said));
		const began = Date.now();
		assert.equal((await postroom.get(`/messages/${id}`)).id, id);
		assert.ok(Date.now() - began < 30000);
		await postroom.stop();
		remove();
	}
});

test('a log of garbage and of endless lines', LONG, async () => {
	const [id] = await mail(1);
	await start();
	await attempts(id, 1);
	appendFileSync(postfix.log, Buffer.concat([Buffer.alloc(3 << 20, 0x61), Buffer.from('\n'), Buffer.alloc(100000, 0), Buffer.from([0xff, 0xfe, 10]), Buffer.from(`${id}\n`.repeat(1000))]));
	await postfix.command('postqueue', '-i', id);
	await attempts(id, 2);
	assert.equal(postroom.pids('logreader').length, 1);
	assert.doesNotMatch(postroom.log, /logreader was ended by signal/);
});

// EBUSY for the rename of `postconf -e`, as where a container has main.cf bound to a file outside.
function bind(path, t) {
	try {
		execFileSync('mount', ['--bind', path, path], { stdio: 'ignore' });
		return () => execFileSync('umount', [path]);
	} catch {
		t.skip('no right to mount');
		return null;
	}
}

test('main.cf that cannot be replaced: settings are not saved, and that is said', LONG, async (t) => {
	const main = `${postfix.config}/main.cf`;
	const release = bind(main, t);
	if (!release)
		return;
	const before = readFileSync(main, 'utf8');
	try {
		await start();
		await warning(/main_cf_mounted/);
		const shown = await postroom.get('/settings');
		const reply = await postroom.api('PUT', '/settings', { values: { queue_run_delay: '400s' } });
		if (shown.writable)
			assert.fail(`shown as writable: ${JSON.stringify(shown)}; ${reply.text}`);
		assert.match(shown.read_only_reason, /main\.cf/);
		assert.equal(reply.body.code, 'settings_read_only');
		assert.equal(readFileSync(main, 'utf8'), before);
		const check = await postroom.cli('check', '--json');
		assert.match(check.stdout, /main\.cf/);
	} finally {
		release();
	}
});

test('main.cf that is marked as immutable: the same', LONG, async (t) => {
	const main = `${postfix.config}/main.cf`;
	const before = readFileSync(main, 'utf8');
	try {
		execFileSync('chattr', ['+i', main], { stdio: 'ignore' });
	} catch {
		t.skip('no such attribute here');
		return;
	}
	try {
		await start();
		const said = await warning(/main_cf_read_only/);
		assert.match(said.fix, /chattr -i/);
		const reply = await postroom.api('PUT', '/settings', { values: { queue_run_delay: '400s' } });
		assert.equal(reply.body.code, 'settings_read_only');
		assert.equal(readFileSync(main, 'utf8'), before);
	} finally {
		execFileSync('chattr', ['-i', main]);
	}
});

test('main.cf that becomes impossible to replace between the look and the change', LONG, async (t) => {
	const main = `${postfix.config}/main.cf`;
	const before = readFileSync(main, 'utf8');
	await start();
	assert.equal((await postroom.get('/settings')).writable, true);
	const release = bind(main, t);
	if (!release)
		return;
	try {
		const reply = await postroom.api('PUT', '/settings', { values: { queue_run_delay: '400s' } });
		if (reply.status < 300) {
			const change = await until('the change to end', async () => {
				const now = await postroom.get(`/settings/changes/${reply.body.id}`);
				return now.state === 'applying' ? null : now;
			}, { timeout: 60000 });
			assert.equal(change.state, 'failed', JSON.stringify(change));
			assert.ok(change.detail.length > 10);
		}
		assert.equal(readFileSync(main, 'utf8'), before);
	} finally {
		release();
	}
});
