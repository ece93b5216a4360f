// Channels, rules and silences: what is kept, what is refused and where, and that a secret goes in and never comes out.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

let postfix;
let postroom;
let tokens;

before(async () => {
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix);
	await until('the channels to be read', async () => (await postroom.api('GET', '/alerts/channels')).status === 200);
	tokens = Object.fromEntries(await Promise.all(['viewer', 'operator'].map(async (role) => [role, (await postroom.post('/tokens', { name: role, role })).token])));
});
after(async () => {
	await postroom.stop();
	await postfix.stop();
	postfix.remove();
});

const heartbeat = { enabled: false, every_s: 60 };
const SECRETS = ['path-of-the-hook', 'Bearer-of-the-header', 'hmac-0123456789abcdef', 'password-of-the-relay', 'path-of-the-beat'];
const webhook = {
	id: 'ops', kind: 'webhook', url: 'https://hooks.example/path-of-the-hook', hmac: 'hmac-0123456789abcdef',
	headers: [{ name: 'Authorization', value: 'Bearer-of-the-header' }],
};
const mail = { id: 'post', kind: 'mail', relay: 'smtps://relay.example', from: 'postroom@host.example', to: ['ops@host.example'], user: 'postroom', password: 'password-of-the-relay' };
const revision = async (what) => (await postroom.get(`/alerts/${what}`)).revision;
// Without how the heartbeat does, which goes on.
const settled = (all) => ({ ...all, heartbeat: { ...all.heartbeat, last: null } });
const putChannels = async (channels, more = {}) => postroom.api('PUT', '/alerts/channels', { revision: await revision('channels'), channels, heartbeat, ...more });
const putRules = async (rules) => postroom.api('PUT', '/alerts/rules', { revision: await revision('rules'), rules });

test('nothing is set at first, and nothing was sent', async () => {
	assert.deepEqual(await postroom.get('/alerts/channels'), { revision: 0, channels: [], heartbeat: { url: null, every_s: 60, enabled: false, allow_local: false, last: null } });
	assert.deepEqual(await postroom.get('/alerts/rules'), { revision: 0, rules: [] });
	assert.deepEqual(await postroom.get('/alerts'), { alerts: [], next: null });
	assert.deepEqual(await postroom.get('/alerts/silences'), { silences: [] });
});

test('channels are kept with what they are given and what they are not', async () => {
	const { status, body } = await putChannels([webhook, mail], { heartbeat: { enabled: true, every_s: 30, url: 'https://beats.example/path-of-the-beat' } });
	assert.equal(status, 200, JSON.stringify(body));
	assert.equal(body.revision, 1);
	assert.deepEqual(body.channels[0], {
		id: 'ops', name: 'ops', kind: 'webhook', enabled: true, url: 'https://hooks.example/…', headers: [{ name: 'Authorization', value_set: true }], hmac_set: true,
		template: null, command: null, arguments: [], relay: null, from: null, to: [], user: null, password_set: false, allow_local: false, resolved: true, limit_per_hour: 60, failing_since: null,
	});
	assert.equal(body.channels[1].password_set, true);
	assert.deepEqual([body.heartbeat.url, body.heartbeat.every_s], ['https://beats.example/…', 30]);
	assert.deepEqual(settled(await postroom.get('/alerts/channels')), settled(body));
});

test('a secret that is left out stays, goes with null, and is not sent to another host', async () => {
	const bare = { id: 'ops', kind: 'webhook', headers: [{ name: 'authorization' }] };
	const kept = await putChannels([bare, { ...mail, password: undefined }]);
	assert.equal(kept.status, 200, JSON.stringify(kept.body));
	assert.equal(kept.body.channels[0].url, 'https://hooks.example/…');
	assert.equal(kept.body.channels[0].hmac_set, true);
	assert.equal(kept.body.heartbeat.url, 'https://beats.example/…');
	const moved = await putChannels([{ ...bare, url: 'https://elsewhere.example/' }, mail]);
	assert.deepEqual([moved.status, moved.body.code, moved.body.member], [400, 'invalid_value', 'channels[0].headers']);
	const other = await putChannels([webhook, { ...mail, password: undefined, relay: 'smtps://elsewhere.example' }]);
	assert.deepEqual([other.status, other.body.member], [400, 'channels[1].password']);
	const taken = await putChannels([{ ...bare, hmac: null, headers: [] }, mail]);
	assert.deepEqual([taken.body.channels[0].hmac_set, taken.body.channels[0].headers], [false, []]);
	assert.equal((await putChannels([webhook, mail])).status, 200);
});

test('what cannot be is refused with its place, and nothing of the rest is taken', async () => {
	const before = await postroom.get('/alerts/channels');
	const slack = { id: 'chat', kind: 'slack', url: 'https://hooks.example/x' };
	for (const [channel, member, column] of [
		[{ ...slack, template: 'déjà {{titel}}' }, 'template', 6],
		[{ ...slack, template: '{{title} }' }, 'template', 1],
		[{ ...webhook, id: 'b', template: '{{title}}' }, 'template'],
		[{ ...slack, url: 'ftp://hooks.example/' }, 'url'],
		[{ ...slack, url: 'https://me:word@hooks.example/' }, 'url'],
		[{ ...slack, url: 'https://127.0.0.1/' }, 'url'],
		// What the notifier would refuse at the first alert.
		[{ ...slack, url: 'https://hooks,example/x' }, 'url'],
		[{ ...slack, url: 'https://[hooks.example]/x' }, 'url'],
		[{ ...slack, url: 'https://%68ooks.example/x' }, 'url'],
		[{ ...slack, url: 'https://hooks.example/a b' }, 'url'],
		[{ ...slack, url: undefined }, 'url'],
		[{ ...slack, headers: [{ name: 'Host', value: 'x' }] }, 'headers'],
		[{ ...slack, headers: [{ name: 'X-A', value: 'x\r\nX-B: y' }] }, 'headers'],
		[{ ...slack, headers: [{ name: 'X-A' }] }, 'headers'],
		[{ ...slack, hmac: '0123456789abcdef' }, 'hmac'],
		[{ ...slack, id: 'Chat' }, 'id'],
		[{ ...slack, id: 'ops' }, 'id'],
		[{ ...slack, kind: 'fax' }, 'kind'],
		[{ ...slack, limit_per_hour: 1 }, 'limit_per_hour'],
		[{ ...slack, colour: 'red' }, 'colour'],
		[{ ...slack, kind: 'ntfy', url: 'https://ntfy.example/' }, 'url'],
		[{ ...slack, kind: 'matrix' }, 'url'],
		[{ ...slack, headers: Array.from({ length: 5 }, (_, i) => ({ name: `X-${i}`, value: 'x'.repeat(1500) })) }, 'headers'],
		[{ id: 'c', kind: 'command', command: '../sh' }, 'command'],
		[{ id: 'c', kind: 'command', command: 'page.sh', arguments: Array(10).fill('x'.repeat(500)) }, 'arguments'],
		[{ ...mail, id: 'm', relay: 'smtp://localhost:25' }, 'relay'],
		[{ ...mail, id: 'm', relay: 'smtp://relay.example/x' }, 'relay'],
		[{ ...mail, id: 'm', to: ['a@b.example>\r\nRCPT TO:<c@d.example'] }, 'to'],
		[{ ...mail, id: 'm', to: [] }, 'to'],
		[{ ...mail, id: 'm', user: null }, 'password'],
	]) {
		const { status, body } = await putChannels([webhook, channel]);
		assert.equal(status, 400, JSON.stringify(channel));
		assert.equal(body.member, `channels[1].${member}`, JSON.stringify(body));
		assert.equal(body.column, column, JSON.stringify(body));
		assert.equal(body.code, column ? 'invalid_template' : channel.colour ? 'unknown_member' : 'invalid_value');
	}
	assert.match((await putChannels([{ ...slack, template: '{{titel}}' }])).body.detail, /There is no field `titel`; there are: what, title,/);
	const beat = await putChannels([webhook], { heartbeat: { enabled: true, every_s: 60, url: null } });
	assert.deepEqual([beat.status, beat.body.member], [400, 'heartbeat.url']);
	assert.deepEqual(settled(await postroom.get('/alerts/channels')), settled(before));
});

test('two who change at once: the second is told', async () => {
	const now = await revision('channels');
	const first = await postroom.api('PUT', '/alerts/channels', { revision: now, channels: [webhook, mail], heartbeat });
	const second = await postroom.api('PUT', '/alerts/channels', { revision: now, channels: [], heartbeat });
	assert.deepEqual([first.status, second.status, second.body.code], [200, 409, 'alerts_changed']);
});

test('rules name channels that there are, and a channel that a rule names stays', async () => {
	const rule = { id: 'night', channels: ['ops'], kinds: ['flood'], key: '*@office.example', hours: { from: '22:00', to: '07:00', days: ['sat', 'sun'] }, quiet: { from: '00:00', to: '06:00' }, group: 'kind', group_wait_s: 60, repeat_s: 3600 };
	const { status, body } = await putRules([rule]);
	assert.equal(status, 200, JSON.stringify(body));
	assert.deepEqual(body.rules[0], {
		...rule, name: 'night', enabled: true, severities: ['act', 'watch'], resolved: true,
		hours: { ...rule.hours, outside: false }, quiet: { ...rule.quiet, days: [], outside: false },
	});
	for (const [change, member] of [
		[{ channels: ['nobody'] }, 'channels'], [{ channels: [] }, 'channels'], [{ channels: ['ops', 'ops'] }, 'channels'],
		[{ channels: ['a'.repeat(40)] }, 'channels'], [{ kinds: ['rain'] }, 'kinds'], [{ severities: ['loud'] }, 'severities'],
		[{ hours: { from: '25:00', to: '07:00' } }, 'from'], [{ hours: { from: '22:00' } }, 'to'], [{ hours: { from: '1:000', to: '07:00' } }, 'from'], [{ group: 'pairs' }, 'group'],
		[{ repeat_s: 60 }, 'repeat_s'], [{ group_wait_s: 3601 }, 'group_wait_s'], [{ id: '' }, 'id'],
	]) {
		const wrong = await putRules([{ ...rule, ...change }]);
		assert.deepEqual([wrong.status, wrong.body.member], [400, `rules[0].${member}`], JSON.stringify(wrong.body));
	}
	const left = await putChannels([mail]);
	assert.equal(left.status, 400);
	assert.match(left.body.detail, /the rule night tells the channel ops/);
	assert.equal((await putRules([])).status, 200);
});

test('silences have an end and a reason', async () => {
	const until = new Date(Date.now() + 3600000).toISOString().slice(0, 19) + 'Z';
	const made = await postroom.post('/alerts/silences', { kind: 'destination', key: '*.example', until, reason: 'they move' });
	assert.deepEqual([made.kind, made.key, made.severity, made.until, made.reason, made.by], ['destination', '*.example', null, until, 'they move', 'root']);
	assert.deepEqual((await postroom.get('/alerts/silences')).silences, [made]);
	for (const wrong of [{ until: '2020-01-01T00:00:00Z', reason: 'x' }, { until, reason: ' ' }, { until, reason: 'x', kind: 'rain' }, { until: '2126-01-01T00:00:00Z', reason: 'x' }])
		assert.equal((await postroom.api('POST', '/alerts/silences', wrong)).status, 400, JSON.stringify(wrong));
	assert.equal((await postroom.api('DELETE', `/alerts/silences/${made.id}`)).status, 204);
	assert.equal((await postroom.api('DELETE', `/alerts/silences/${made.id}`)).status, 404);
});

test('who may do what, and that nobody sees a secret', async () => {
	const as = (role, method, path, body) => postroom.api(method, path, body, { token: tokens[role] });
	const until = new Date(Date.now() + 3600000).toISOString().slice(0, 19) + 'Z';
	for (const path of ['/alerts', '/alerts/channels', '/alerts/rules', '/alerts/silences'])
		assert.equal((await as('viewer', 'GET', path)).status, 200, path);
	assert.equal((await as('operator', 'PUT', '/alerts/channels', { revision: 0, channels: [], heartbeat })).status, 403);
	assert.equal((await as('operator', 'PUT', '/alerts/rules', { revision: 0, rules: [] })).status, 403);
	assert.equal((await as('viewer', 'POST', '/alerts/silences', { until, reason: 'x' })).status, 403);
	assert.equal((await as('operator', 'POST', '/alerts/silences', { until, reason: 'x' })).status, 201);
	const said = JSON.stringify(await postroom.get('/alerts/channels')) + postroom.log;
	for (const secret of SECRETS)
		assert.ok(!said.includes(secret), secret);
});

test('a restart changes nothing', async () => {
	const before = await postroom.get('/alerts/channels');
	const [server] = postroom.pids('server');
	process.kill(server, 'SIGKILL');
	await until('another server', async () => postroom.pids('server').some((pid) => pid !== server) && (await postroom.api('GET', '/queue').catch(() => null))?.status === 200);
	const now = await until('the setup to be read', async () => {
		const reply = await postroom.api('GET', '/alerts/channels');
		return reply.status === 200 ? reply.body : null;
	});
	assert.deepEqual(settled(now), settled(before));
});
