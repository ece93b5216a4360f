// Postfix's queue settings: shown, changed, watched, taken back, put back (row 15).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

const LONG = { timeout: 240000 };
const setting = (settings, name) => settings.settings.find((s) => s.name === name);
// A change is answered when it is written down; this waits for how it ended.
// A queue manager that comes back late is given a minute by the product itself.
const ended = (postroom, { id }) => until('the change to end', async () => {
	const change = await postroom.get(`/settings/changes/${id}`);
	return change.state === 'applying' ? null : change;
}, { timeout: 150000 });
const mainCf = (postfix) => readFileSync(`${postfix.config}/main.cf`, 'utf8');

test('value, default and where it is set', async () => {
	const postfix = await Postfix.start({ main: { maximal_queue_lifetime: '3d' } });
	const postroom = await Postroom.start(postfix);
	const settings = await postroom.get('/settings');
	assert.equal(settings.settings.length, 6);
	const lifetime = setting(settings, 'maximal_queue_lifetime');
	assert.deepEqual([lifetime.value, lifetime.seconds, lifetime.default, lifetime.set_in, lifetime.unit], ['3d', 259200, '5d', 'main.cf', 'd']);
	assert.equal(setting(settings, 'minimal_backoff_time').set_in, 'default');
	assert.ok(settings.warnings.some((w) => /bounce_queue_lifetime/.test(w.text)), 'bounce (5d) over maximal (3d)');
	assert.ok(settings.schedule.length > 3);
});

test('a master.cf override beats main.cf and is named', async () => {
	const postfix = await Postfix.start();
	await postfix.command('postconf', '-P', 'qmgr/unix/queue_run_delay=77s');
	const postroom = await Postroom.start(postfix);
	const delay = setting(await postroom.get('/settings'), 'queue_run_delay');
	assert.deepEqual([delay.set_in, delay.value], ['master.cf', '77s']);
	assert.match(delay.override, /qmgr/);
});

test('saving writes, reloads, is kept with its author, and can be put back', LONG, async () => {
	const postfix = await Postfix.start();
	const postroom = await Postroom.start(postfix);
	const before = mainCf(postfix);
	const change = await ended(postroom, await postroom.put('/settings', { values: { maximal_queue_lifetime: '2d', bounce_queue_lifetime: '1d' } }));
	assert.equal(change.state, 'applied', change.detail);
	assert.match(mainCf(postfix), /^maximal_queue_lifetime = 2d$/m);
	await until('the reload in the log', () => /postfix-script.*refreshing|reload/.test(postfix.logText()));
	assert.deepEqual(change.changes.find((c) => c.name === 'maximal_queue_lifetime'), { name: 'maximal_queue_lifetime', before: null, after: '2d' });
	const back = await ended(postroom, await postroom.post(`/settings/changes/${change.id}/restore`));
	assert.equal(back.state, 'applied', back.detail);
	assert.doesNotMatch(mainCf(postfix), /maximal_queue_lifetime/);
	assert.equal(mainCf(postfix).trim(), before.trim());
	const { changes } = await postroom.get('/settings/changes');
	assert.deepEqual(changes.map((c) => c.state), ['applied', 'applied']);
	assert.ok(changes[0].by.length > 0);
});

test('a change that the queue manager does not survive is taken back by itself', LONG, async () => {
	const postfix = await Postfix.start();
	const postroom = await Postroom.start(postfix);
	// Every value that is accepted here is one that qmgr accepts: something else makes it fail on this reload.
	await postfix.command('postconf', '-e', 'qmgr_message_active_limit=nonsense');
	const change = await ended(postroom, await postroom.put('/settings', { values: { queue_run_delay: '100s' } }));
	assert.equal(change.state, 'undone', JSON.stringify(change));
	assert.doesNotMatch(mainCf(postfix), /queue_run_delay/);
	assert.ok(change.detail.length > 10);
});

test('values that Postfix would choke on are refused before anything is written', async () => {
	const postfix = await Postfix.start();
	const postroom = await Postroom.start(postfix);
	const before = mainCf(postfix);
	for (const values of [{ queue_run_delay: '5' }, { queue_run_delay: '5y' }, { queue_run_delay: '-1s' }, { queue_run_delay: '0s' },
		{ maximal_queue_lifetime: '91d' }, { maximal_queue_lifetime: '5d\nx=y' }, { queue_run_delay: '999999999w' }, { myhostname: 'evil' }, {}]) {
		const reply = await postroom.api('PUT', '/settings', { values });
		assert.ok(reply.status === 400 || reply.status === 422, `${JSON.stringify(values)}: ${reply.status}`);
	}
	assert.equal(mainCf(postfix), before);
	const preview = await postroom.post('/settings/preview', { values: { minimal_backoff_time: '2h', maximal_backoff_time: '1h' } });
	assert.ok(preview.warnings.length > 0);
});

test('where something else writes main.cf, settings are only shown', async () => {
	const postfix = await Postfix.start();
	const postroom = await Postroom.start(postfix, { set: { 'settings.write': 'no' } });
	const settings = await postroom.get('/settings');
	assert.equal(settings.writable, false);
	assert.ok(settings.read_only_reason.length > 10);
	const reply = await postroom.api('PUT', '/settings', { values: { queue_run_delay: '100s' } });
	assert.equal(reply.body.code, 'settings_read_only');
	assert.doesNotMatch(mainCf(postfix), /queue_run_delay/);
});

test('a value that something else has changed since is reported as drift', LONG, async () => {
	const postfix = await Postfix.start();
	const postroom = await Postroom.start(postfix);
	const change = await ended(postroom, await postroom.put('/settings', { values: { queue_run_delay: '100s' } }));
	assert.equal(change.state, 'applied');
	await postfix.command('postconf', '-e', 'queue_run_delay=200s');
	const delay = setting(await postroom.get('/settings'), 'queue_run_delay');
	assert.deepEqual([delay.value, delay.drift], ['200s', '100s']);
});
