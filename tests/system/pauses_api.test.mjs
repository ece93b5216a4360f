// Pauses as people, scripts and the rest of the product see them: the set-up, previews, what waits and says so, who may
// do what, and what an end does.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, schemaProblem, until } from '../harness/index.mjs';

const LONG = { timeout: 240000 };
const SOON = { timeout: 90000 };
let refusing = true; // big.example, for now
let letGo; // what hang.example has in hand
let sink;
let postfix;
let postroom;
let tokens;

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (/@hang\.example$/.test(to) ? new Promise((done) => { letGo = done; }) : refusing && /@(.*\.)?big\.example$/.test(to) ? '451 4.7.1 Try again later' : null) });
	postfix = await Postfix.start({ sink, main: { mydestination: 'own.example' }, transports: { 'vip@big.example': `smtp:[127.0.0.1]:${sink.port}` } });
	postroom = await Postroom.start(postfix);
	tokens = Object.fromEntries(await Promise.all(['viewer', 'operator'].map(async (role) => [role, (await postroom.post('/tokens', { name: role, role })).token])));
});
after(async () => {
	await postroom.stop();
	await postfix.stop();
	postfix.remove();
	await sink.stop();
});

const inHours = (hours) => new Date(Math.floor(Date.now() / 1000 + hours * 3600) * 1000).toISOString().replace('.000', '');
const list = (query = '') => postroom.get(`/pauses${query}`);
const matched = async (filter) => (await postroom.get(`/messages?filter=${encodeURIComponent(filter)}`)).matched;
const refused = async (method, path, body, code, options) => {
	const reply = await postroom.api(method, path, body, options);
	assert.equal(reply.body?.code, code, JSON.stringify(reply.body));
	return reply.body;
};
const big = (more = {}) => ({ kind: 'domain', key: 'big.example', until: inHours(2), reason: 'they limit us', ...more });

// The data of each event with this name, as they come; `close` ends it.
function listen(name) {
	const events = [];
	const stream = request({ socketPath: postroom.socket, path: '/api/v1/events', headers: { Host: 'localhost', 'Keep-Alive': 'postroom' } }, (reply) => {
		let text = '';
		reply.on('data', (data) => {
			text += data;
			events.splice(0, Infinity, ...[...text.matchAll(new RegExp(`event: ${name}\\ndata: (.*)\\n`, 'g'))].map(([, json]) => JSON.parse(json)));
		});
	});
	stream.on('error', () => {});
	stream.end();
	return { events, close: () => stream.destroy() };
}
const inForce = (id) => until('the pause to be in force', async () => (await list()).pauses.find((pause) => pause.id === id && pause.state === 'in_force'), SOON);

test('without the set-up nothing is held back; its exact lines are shown, and an administrator makes it', LONG, async () => {
	const before = await list();
	assert.deepEqual([before.setup, before.pauses], ['none', []]);
	assert.ok(before.throttles.includes(10));
	await refused('POST', '/pauses', big(), 'pause_setup_missing');
	const setup = await postroom.get('/pauses/setup');
	assert.equal(setup.state, 'none');
	assert.ok(setup.lines.some(({ name, after }) => name === 'transport_maps' && after.includes('postroom-pauses')), JSON.stringify(setup.lines));
	assert.ok(setup.lines.every(({ name }) => ['transport_maps', 'defer_transports', 'smtpd_end_of_data_restrictions'].includes(name)));
	await refused('POST', '/pauses/setup', { seen: setup.seen }, 'forbidden', { token: tokens.operator });
	await refused('POST', '/pauses/setup', { seen: 'no number' }, 'invalid_value');
	await refused('POST', '/pauses/setup', { seen: '1' }, 'pause_setup_changed');
	const done = await postroom.post('/pauses/setup', { seen: setup.seen });
	assert.equal(done.state, 'done');
	assert.equal((await list()).setup, 'done');
	// Until the pauses are read nobody knows what waits for one; then a view of it can be acted on.
	const id = await postfix.injectDeferred({ to: ['first@big.example'] });
	await until('the queue to know that nothing is paused', async () => (await matched('paused:no')) === 1, SOON);
	assert.equal(await matched('paused:yes'), 0);
	await postfix.command('postsuper', '-d', id);
	await postroom.untilGone(id);
});

test('what is asked wrongly is refused with what is wrong', LONG, async () => {
	for (const [body, code] of [
		[{ ...big(), kind: 'client' }, 'invalid_value'],
		[{ ...big(), key: '*' }, 'invalid_value'],
		[{ ...big(), key: 'no domain' }, 'invalid_value'],
		[{ ...big(), reason: ' ' }, 'invalid_value'],
		[{ ...big(), reason: undefined }, 'missing_member'],
		[{ ...big(), until: 'tomorrow' }, 'invalid_value'],
		[{ ...big(), until: inHours(-1) }, 'invalid_value'],
		[{ ...big(), until: inHours(30) }, 'pause_too_long'],
		[{ ...big(), until: inHours(24 * 8), long: true }, 'invalid_value'],
		[{ ...big(), throttle: 7 }, 'invalid_value'],
		[{ ...big(), kind: 'sender', key: 'news@shop.example', subdomains: true }, 'invalid_value'],
		[{ ...big(), who: 'somebody' }, 'unknown_member'],
	])
		await refused('POST', '/pauses', body, code);
	await refused('POST', '/pauses', big(), 'forbidden', { token: tokens.viewer });
	await refused('POST', '/previews', { pause: big(), action: 'hold' }, 'invalid_value');
	await refused('PUT', '/pauses/999', { until: inHours(1) }, 'pause_not_found');
	await refused('DELETE', '/pauses/999', undefined, 'pause_not_found');
	// Of our own a typed word is wanted.
	const own = { ...big(), key: 'own.example' };
	await refused('POST', '/pauses', own, 'pause_own_domain');
	await refused('POST', '/pauses', { ...own, confirm: 'other.example' }, 'pause_own_domain');
	const pause = await postroom.post('/pauses', { ...own, confirm: 'own.example' });
	assert.equal((await postroom.api('DELETE', `/pauses/${pause.id}`)).status, 202);
});

test('a preview counts what would wait, what would expire, and whose own entries win', LONG, async () => {
	await postfix.injectDeferred({ to: ['a@big.example'] });
	await postfix.injectDeferred({ to: ['vip@big.example', 'b@sub.big.example'] });
	await until('both to be there', async () => (await matched('domain:big.example')) === 2, SOON);
	const ask = ({ until: end = inHours(2), ...more } = {}) => postroom.post('/previews', { pause: { kind: 'domain', key: 'BIG.example', until: end, ...more } });
	const preview = await ask();
	assert.deepEqual([preview.pause.key, preview.waiting, preview.would_expire, preview.setup], ['big.example', 2, 0, 'done']);
	assert.deepEqual(preview.own_entries.map(({ address }) => address), ['vip@big.example']);
	assert.equal(await matched(preview.filter), 2);
	assert.match(preview.text, /is accepted and waits until/);
	const week = await ask({ until: inHours(24 * 6), long: true, subdomains: true });
	assert.equal(week.would_expire, 2, 'a lifetime of 5 days is over before 6');
	assert.ok(week.warnings.some(({ code, count }) => code === 'would_expire' && count === 2));
	assert.equal(await matched(week.expire_filter), 2);
	// What an agent has in hand goes on, and is told apart.
	const inHand = await postfix.inject({ to: ['a@hang.example'] });
	await until('it to be in hand', () => letGo);
	await postroom.untilMessage(inHand, ({ queue }) => queue === 'active');
	const going = await postroom.post('/previews', { pause: { kind: 'domain', key: 'hang.example', until: inHours(1) } });
	assert.deepEqual([going.in_delivery, going.warnings.find(({ code }) => code === 'in_delivery')?.count], [1, 1], JSON.stringify(going));
	letGo(null);
	await postfix.untilIn(null, inHand);
	const login = await postroom.post('/previews', { pause: { kind: 'login', key: 'info', until: inHours(1) } });
	assert.match(login.text, /on hold whole/);
	// The harness switches no logins on, so that smtpd would ignore it.
	assert.deepEqual(login.warnings.map(({ code }) => code), ['no_logins']);
	assert.equal((await list()).pauses.filter(({ state }) => state !== 'lifting').length, 0, 'a preview changes nothing');
});

test('what waits says so, by recipient; it can be filtered; and new mail waits, too', LONG, async () => {
	const stream = listen('pauses');
	const pause = await postroom.post('/pauses', big({ reason: ' they limit us ' }));
	assert.deepEqual([pause.key, pause.reason, pause.filter], ['big.example', 'they limit us', 'paused:=big.example']);
	await refused('POST', '/pauses', big(), 'pause_exists');
	await inForce(pause.id);
	await until('an event', () => stream.events.some(({ open }) => open > 0), SOON);
	stream.close();
	assert.equal(schemaProblem('EventPauses', stream.events[0]), null);
	// Postfix looks every ten seconds whether the table has changed: until then it tries the first ones.
	const message = await until('new mail to wait', async () => {
		const id = await postfix.inject({ to: ['new@big.example', 'else@other.example'] });
		const { recipients, ...rest } = await postroom.untilMessage(id, ({ queue, recipients }) => queue === 'deferred' && recipients[0].reason);
		if (recipients[0].diagnosis === 'paused')
			return { recipients, ...rest };
		await postfix.command('postsuper', '-d', id);
		await postroom.untilGone(id);
		return null;
	}, SOON);
	assert.deepEqual(message.recipients.map(({ address, paused, diagnosis }) => [address, paused, diagnosis]), [['new@big.example', pause.id, 'paused']]);
	assert.deepEqual([message.paused.key, message.paused.reason, message.paused.kind, message.paused.until], ['big.example', 'they limit us', 'domain', pause.until]);
	assert.equal(message.paused.by, pause.by);
	assert.ok(sink.messages.some(({ to }) => to.includes('else@other.example')), 'the other recipient has his');
	assert.equal(await matched('paused:yes'), 3);
	assert.equal(await matched('paused:=big.example'), 3);
	assert.equal(await matched(`paused:${pause.by}`), 3);
	assert.equal(await matched('paused:no'), 0);
	const offered = await postroom.get(`/filters/completions?text=${encodeURIComponent('paused:big')}`);
	assert.deepEqual(offered.items.map(({ insert, messages }) => [insert, messages]), [['paused:=big.example', 3]]);
	assert.equal(await matched('cause:paused'), 1);
	const [listed] = (await list()).pauses.filter(({ id }) => id === pause.id);
	assert.equal(listed.waiting, 3);
	assert.match(listed.trouble ?? '', /^(.*vip@big\.example.*)?$/);
	assert.equal((await postroom.get('/groups?by=cause')).groups.find(({ key }) => key === 'paused')?.messages, 1);
});

test('another end; lifted, what waited is tried at a pace and delivered', LONG, async () => {
	const [pause] = (await list()).pauses.filter(({ key }) => key === 'big.example');
	const longer = await postroom.put(`/pauses/${pause.id}`, { until: inHours(5) });
	assert.ok(Date.parse(longer.until) > Date.parse(pause.until));
	await refused('PUT', `/pauses/${pause.id}`, { until: inHours(48) }, 'pause_too_long');
	await refused('DELETE', `/pauses/${pause.id}`, undefined, 'forbidden', { token: tokens.viewer });
	refusing = false;
	const lifted = await postroom.api('DELETE', `/pauses/${pause.id}`, undefined, { token: tokens.operator });
	assert.deepEqual([lifted.status, lifted.body.ended_by], [202, 'operator']);
	await until('all to be delivered', async () => (await matched('domain:big.example')) === 0, LONG);
	const past = await until('it to have ended', async () => (await list('?ended=true')).pauses.find(({ id, state }) => id === pause.id && state === 'ended'), LONG);
	assert.equal(past.waiting, null);
	const { jobs } = await postroom.get('/jobs');
	assert.ok(jobs.some(({ action, note, rate }) => action === 'retry' && /big\.example/.test(note) && rate > 0), JSON.stringify(jobs));
	await refused('DELETE', `/pauses/${pause.id}`, undefined, 'pause_not_found');
});

test('new mail of a sender is held whole, says why, and what was there already is not touched', LONG, async () => {
	refusing = true;
	const old = await postfix.injectDeferred({ from: 'flood@shop.example', to: ['x@big.example'] });
	await postroom.untilMessage(old);
	const preview = await postroom.post('/previews', { pause: { kind: 'sender', key: 'Flood@shop.example', until: inHours(1) } });
	assert.deepEqual([preview.waiting, preview.pause.key], [1, 'flood@shop.example']);
	const pause = await postroom.post('/pauses', { kind: 'sender', key: 'Flood@shop.example', until: inHours(1), reason: 'a stolen account' });
	await inForce(pause.id);
	const id = await until('mail to go to hold', async () => {
		const given = await postfix.inject({ from: 'flood@shop.example', to: ['y@other.example'] });
		return postfix.where(given) === 'hold' ? given : null;
	}, SOON);
	const message = await postroom.untilMessage(id, ({ queue }) => queue === 'hold');
	assert.deepEqual([message.paused?.kind, message.paused?.reason], ['sender', 'a stolen account']);
	assert.equal((await postroom.get(`/messages/${old}`)).paused, null);
	assert.ok((await matched('paused:=flood@shop.example')) >= 1);
	assert.equal(await matched(`paused:=flood@shop.example id:${old}`), 0);
	await postroom.api('DELETE', `/pauses/${pause.id}`);
	await until('it to have ended', async () => (await list()).pauses.length === 0, LONG);
	assert.equal(postfix.where(id), 'hold', 'without release it stays');
});

test('the command line shows what it would mean, sets, lists and ends pauses', LONG, async () => {
	const cli = (...args) => postroom.cli(...args);
	const target = ['domain', 'Slow.example', '--until', '2h'];
	assert.equal((await cli('pause', ...target, '--reason', 'x')).status, 2, 'nobody to ask');
	assert.equal((await cli('pause', ...target, '--yes')).status, 2, 'no reason');
	assert.equal((await cli('pause', 'domain', 'slow.example', '--reason', 'x', '--yes')).status, 2, 'no end');
	assert.equal((await cli('pause', 'client', '192.0.2.1', '--until', '2h', '--reason', 'x', '--yes')).status, 2);
	assert.equal((await cli('pause', 'domain', 'own.example', '--until', '2h', '--reason', 'x', '--yes')).status, 4);
	const dry = await cli('pause', ...target, '--dry-run');
	assert.equal(dry.status, 0, dry.stderr);
	assert.match(dry.stdout, /Mail for slow\.example is accepted and waits until/);
	const made = await cli('pause', ...target, '--throttle', '10s', '--reason', 'they asked for it', '--yes', '--json');
	assert.equal(made.status, 0, made.stderr);
	const pause = JSON.parse(made.stdout);
	assert.deepEqual([pause.key, pause.throttle, pause.state], ['slow.example', 10, 'in_force']);
	assert.match((await cli('pauses')).stdout, new RegExp(`${pause.id} +domain +slow\\.example +0 +in (1h5\\dm|2h00m) +in_force .*they asked for it`));
	assert.equal((await cli('pauses', '--csv', '--fields', 'key,state')).stdout, 'key,state\r\nslow.example,in_force\r\n');
	const longer = await cli('pause', 'change', 'slow.example', '--until', '5h');
	assert.equal(longer.status, 0, longer.stderr);
	assert.equal((await cli('resume', 'nobody.example', '--yes')).status, 1);
	assert.equal((await cli('resume', 'slow.example', '--release', '--yes')).status, 2);
	const ended = await cli('resume', 'SLOW.example', '--yes');
	assert.equal(ended.status, 0, ended.stderr);
	assert.match((await cli('pauses', '--all')).stdout, /slow\.example/);
	// What a sender's has put on hold goes with it, when that is asked for.
	const sender = JSON.parse((await cli('pause', 'sender', 'news@shop.example', '--until', '1h', '--reason', 'wait', '--yes', '--json')).stdout);
	const id = await until('mail to go to hold', async () => {
		const given = await postfix.inject({ from: 'news@shop.example', to: ['z@other.example'] });
		return postfix.where(given) === 'hold' ? given : null;
	}, SOON);
	await postroom.untilMessage(id, ({ paused }) => paused?.id === sender.id);
	assert.match((await cli('show', id)).stdout, /Paused +sender news@shop\.example by .* until .*: wait/);
	const released = await cli('resume', String(sender.id), '--release', '--yes');
	assert.equal(released.status, 0, released.stderr + released.stdout);
	assert.notEqual(postfix.where(id), 'hold');
});

test('the set-up is taken out again', LONG, async () => {
	assert.equal((await postroom.cli('pause', 'setup', '--dry-run', '--json')).status, 0);
	const setup = await postroom.get('/pauses/setup');
	await refused('DELETE', '/pauses/setup?seen=1', undefined, 'pause_setup_changed');
	const undone = await postroom.api('DELETE', `/pauses/setup?seen=${setup.seen}`);
	assert.deepEqual([undone.status, undone.body.state], [200, 'none']);
	await refused('POST', '/pauses', big(), 'pause_setup_missing');
	const told = await postroom.cli('pause', 'domain', 'big.example', '--until', '2h', '--reason', 'x', '--yes');
	assert.deepEqual([told.status, /postroom pause setup/.test(told.stderr)], [4, true], told.stderr);
	for (const more of [[], ['--undo'], ['--undo']]) {
		// A table may just be written: then it says so, and does nothing.
		const { status, stdout, stderr } = await until('the set-up', async () => {
			const said = await postroom.cli('pause', 'setup', '--yes', ...more);
			return /under way|being written/.test(said.stderr) ? null : said;
		});
		assert.equal(status, 0, stdout + stderr);
	}
});
