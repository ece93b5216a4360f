// Groups and filters by the host that answered or was tried, by cause, and by both forms of a domain.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, Sink, plant, plantDeferLog, queueFile, until } from '../harness/index.mjs';

const q = encodeURIComponent;
const PROVIDER = 'mail.protection.outlook.com';

let sink, postfix, postroom;

// A message in deferred, its next attempt hours ahead, with what its last attempt said.
function deferred(id, address, reason, host) {
	plant(postfix, 'deferred', id, queueFile({ recipients: [address] }));
	plantDeferLog(postfix, id, [{ address, reason, dsn: '4.7.0', mta: host }]);
}

before(async () => {
	sink = await Sink.start();
	postfix = await Postfix.start({ sink });
	// A provider gives each customer a host of its own; where nobody answered, the text alone names it.
	for (let i = 0; i < 6; i++) {
		const host = `customer${i}-example.${PROVIDER}`;
		deferred(`ABCDE${i}`, `a@customer${i}.example`, i < 4 ? `host ${host}[192.0.2.${i}] said: 451 4.7.500 Server busy (in reply to RCPT TO command)` : `connect to ${host}[192.0.2.${i}]:25: Connection timed out`, i < 4 ? host : null);
	}
	deferred('ABCDE8', 'info@xn--mller-kva.example', 'host mx1.other.example[192.0.2.9] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command)', 'mx1.other.example');
	deferred('ABCDE9', 'info@müller.example', 'Host or domain name not found. Name service error for name=müller.example type=MX: Host not found, try again', null);
	postroom = await Postroom.start(postfix);
	await until('all to be seen', async () => (await postroom.get('/queue')).messages === 8);
});

after(async () => {
	await postroom?.stop();
	await postfix?.stop();
	sink?.stop();
});

const found = async (filter) => (await postroom.get(`/messages?filter=${q(filter)}&sort=id`)).messages.map((message) => message.id);
const groups = async (by) => Object.fromEntries((await postroom.get(`/groups?by=${by}`)).groups.map((group) => [group.key, group]));

test('remote_host and its provider are groups, each with the filter that selects it', async () => {
	const providers = await groups('remote_domain');
	assert.deepEqual(Object.values(providers).map((group) => [group.key, group.messages]), [['outlook.com', 6], [null, 1], ['other.example', 1]]);
	assert.equal((await found(providers['outlook.com'].filter)).length, 6);
	assert.equal((await found(`-${providers['outlook.com'].filter}`)).length, 2);
	const hosts = await groups('remote_host');
	assert.equal(hosts[`customer5-example.${PROVIDER}`].messages, 1, 'tried, though it did not answer');
	assert.deepEqual(await found(hosts['mx1.other.example'].filter), ['ABCDE8']);
	assert.deepEqual(await found('host:=mx1.other.example'), ['ABCDE8']);
	assert.deepEqual(await found('remote_host:=""'), ['ABCDE9']);
	assert.match((await postroom.cli('groups', '--by', 'remote_domain')).stdout, /^\s*6\s.*outlook\.com/m);
	const { items } = await postroom.get(`/filters/completions?text=${q('remote_host:mx')}`);
	assert.deepEqual(items.map((item) => [item.insert, item.messages]), [['remote_host:=mx1.other.example', 1]]);
	const message = await postroom.get('/messages/ABCDE5');
	assert.equal(message.recipients[0].remote_host, `customer5-example.${PROVIDER}`);
});

test('a cause is found by its key and by words of its title, and told by its title', async () => {
	const causes = await groups('cause');
	const full = Object.values(causes).find((group) => group.diagnosis && /full/i.test(group.diagnosis.title));
	assert.deepEqual(Object.keys(await groups('diagnosis')), Object.keys(causes));
	assert.match(full.filter, /^cause:=/);
	for (const filter of [full.filter, `cause:="${full.diagnosis.title}"`, `diagnosis:=${full.key}`, `cause:${full.key}`])
		assert.deepEqual(await found(filter), ['ABCDE8'], filter);
	assert.equal((await postroom.get(`/filters?text=${q(full.filter)}`)).explanation, `messages with the cause "${full.diagnosis.title}"`);
	assert.match((await postroom.cli('groups', '--by', 'cause')).stdout, new RegExp(full.diagnosis.title));
});

test('an internationalised domain is found by either form, and shown with both', async () => {
	for (const filter of ['domain:müller.example', 'domain:MÜLLER.example', 'to:=info@müller.example', 'domain:=xn--mller-kva.example', 'to:*@XN--MLLER-KVA.example', 'müller.example'])
		assert.deepEqual(await found(filter), ['ABCDE8', 'ABCDE9'], filter);
	assert.equal((await found('-domain:müller.example')).length, 6);
	assert.deepEqual(await found('domain:="müller.example"'), ['ABCDE9'], 'in quotes it is what it is');
	const domains = await groups('recipient_domain');
	assert.equal(domains['xn--mller-kva.example'].readable, 'müller.example');
	assert.equal(domains['müller.example'].readable, null);
	assert.deepEqual(await found(domains['xn--mller-kva.example'].filter), ['ABCDE8']);
	assert.match((await postroom.cli('groups', '--by', 'domain')).stdout, /müller\.example \(xn--mller-kva\.example\)/);
	const told = await postroom.get(`/filters?text=${q('domain:müller.example')}`);
	assert.equal(told.explanation, 'messages with a recipient domain that contains "müller.example"');
	assert.deepEqual([told.tree.kind, told.tree.value, told.chips.length], ['text', 'müller.example', 1]);
});

test('the provider is back: retry what waits for it, and nothing else', async () => {
	const view = await postroom.post('/views', { filter: 'remote_host:*.outlook.com' });
	const { items } = await postroom.job({ action: 'retry', view: view.id });
	assert.equal(items.length, 6);
	await until('all six are delivered', () => sink.messages.length === 6);
	assert.deepEqual(sink.messages.map((message) => message.to[0]).sort(), Array.from({ length: 6 }, (_, i) => `a@customer${i}.example`));
	await until('two are left', async () => (await postroom.get('/queue')).messages === 2);
	assert.deepEqual(await found(''), ['ABCDE8', 'ABCDE9']);
});
