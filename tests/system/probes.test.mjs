// "Test this destination now" and "test our address": the real program, with name servers and mail servers that behave as the
// world's do.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Authority, Dns, MailHost, Postfix, Postroom, Sink, keyDigest, selfSigned, until } from '../harness/index.mjs';

// Servers of the world have port 25, so each has an address of its own: 127.X.Y.1 and so on, where no other test is.
const net = `127.${10 + (process.pid % 200)}.${1 + (process.pid % 250)}`;
const at = (n) => `${net}.${n}`;

let authority;
let dns;
let postfix;
let postroom;
const hosts = {};

const zones = (tls) => ({
	// All is well.
	'good.test': { MX: [[10, 'mx.good.test']], signed: true },
	'mx.good.test': { A: [at(1)], signed: true },
	// Certificates: right, of another name, expired, self-signed, and a handshake that breaks.
	'tls.test': { MX: [[10, 'right.tls.test'], [20, 'other.tls.test'], [30, 'old.tls.test'], [40, 'self.tls.test'], [50, 'broken.tls.test']] },
	'right.tls.test': { A: [at(2)] },
	'other.tls.test': { A: [at(3)] },
	'old.tls.test': { A: [at(4)] },
	'self.tls.test': { A: [at(5)] },
	'broken.tls.test': { A: [at(6)] },
	// What servers say instead of a greeting.
	'rude.test': { MX: [[10, 'no.rude.test'], [20, 'later.rude.test'], [30, 'closes.rude.test'], [40, 'http.rude.test'], [50, 'down.rude.test']] },
	'no.rude.test': { A: [at(7)] },
	'later.rude.test': { A: [at(8)] },
	'closes.rude.test': { A: [at(9)] },
	'http.rude.test': { A: [at(10)] },
	'down.rude.test': { A: [at(99)] },
	// Those that do not end.
	'endless.test': { MX: [[10, 'lines.endless.test'], [20, 'line.endless.test'], [30, 'slow.endless.test'], [40, 'refuses.endless.test'], [50, 'pushes.endless.test']] },
	'lines.endless.test': { A: [at(11)] },
	'line.endless.test': { A: [at(12)] },
	'slow.endless.test': { A: [at(13)] },
	'refuses.endless.test': { A: [at(14)] },
	'pushes.endless.test': { A: [at(15)] },
	// Name servers.
	'nomail.test': { MX: [[0, '.']] },
	'plain.test': { A: [at(1)] },
	'alias.test': { CNAME: 'good.test' },
	'large.test': { MX: [[10, 'mx.good.test']], tcp: true },
	'fails.test': { fail: 'servfail' },
	'refused.test': { fail: 'refused' },
	'silent.test': { fail: 'silent' },
	'10.100.51.198.in-addr.arpa': { fail: 'silent' },
	'garbage.test': { fail: 'garbage' },
	'lies.test': { fail: 'other_name' },
	// A name that leads into a network behind us.
	'inner.test': { MX: [[10, 'mx.inner.test']] },
	'mx.inner.test': { A: ['10.9.8.7'] },
	// Records of TLS: right, wrong, and without a signature.
	'_25._tcp.mx.good.test': { TLSA: [[3, 1, 1, keyDigest(tls.good)]], signed: true },
	'wrong-tlsa.test': { MX: [[10, 'mx.wrong-tlsa.test']], signed: true },
	'mx.wrong-tlsa.test': { A: [at(1)], signed: true },
	'_25._tcp.mx.wrong-tlsa.test': { TLSA: [[3, 1, 1, '00'.repeat(32)]], signed: true },
	'unsigned.test': { MX: [[10, 'right.tls.test']] },
	'_25._tcp.right.tls.test': { TLSA: [[3, 1, 1, '00'.repeat(32)]] },
	// Our own address, and what others say of it.
	'7.100.51.198.in-addr.arpa': { PTR: ['mail.test'] },
	'8.100.51.198.in-addr.arpa': { PTR: ['elsewhere.test'] },
	'mail.test': { A: ['198.51.100.7'] },
	'elsewhere.test': { A: ['198.51.100.99'] },
	'7.100.51.198.zen.spamhaus.org': { A: ['127.0.0.4'], TXT: ['Listed, see https://list.test/?ip=198.51.100.7'] },
	'7.100.51.198.one.list.test': { A: ['127.255.255.254'] },
	'7.100.51.198.odd.list.test': { A: ['10.1.2.3'] },
	'7.100.51.198.mute.list.test': { fail: 'refused' },
});

const plans = (tls) => ({
	good: [1, { ehlo: ['mx.good.test', 'STARTTLS', 'SIZE 1000'], tls: tls.good }],
	right: [2, { ehlo: ['x', 'STARTTLS'], tls: authority.issue('right.tls.test') }],
	other: [3, { ehlo: ['x', 'STARTTLS'], tls: authority.issue('elsewhere.test') }],
	old: [4, { ehlo: ['x', 'STARTTLS'], tls: authority.issue('old.tls.test', { expired: true }) }],
	self: [5, { ehlo: ['x', 'STARTTLS'], tls: selfSigned('self.tls.test') }],
	broken: [6, { ehlo: ['x', 'STARTTLS'], starttls: (socket) => socket.end('220 Ready\r\nno handshake at all\r\n') }],
	no: [7, { greeting: '554-5.7.1 Go away,\r\n554 5.7.1 whoever \u0007you are' }],
	later: [8, { greeting: '421 4.3.2 Too busy' }],
	closes: [9, { greeting: (socket) => socket.end() }],
	http: [10, { greeting: 'HTTP/1.1 400 Bad Request' }],
	lines: [11, { greeting: (socket) => socket.write('220-And another thing.\r\n'.repeat(100000)) }],
	line: [12, { greeting: (socket) => socket.write(`220 ${'x'.repeat(1 << 20)}`) }],
	slow: [13, { greeting: (socket) => { const timer = setInterval(() => socket.write('2'), 1000); socket.on('close', () => clearInterval(timer)); } }],
	refuses: [14, { ehlo: ['x', 'STARTTLS'], starttls: '454 4.7.0 TLS not available' }],
	bare: [16, { ehlo: ['x'] }],
	pushes: [15, { ehlo: ['x', 'STARTTLS'], starttls: (socket) => socket.write('220 Ready\r\n250 injected\r\n') }],
});

before(async () => {
	authority = new Authority();
	const tls = { good: authority.issue('mx.good.test') };
	dns = await Dns.start(zones(tls));
	for (const [name, [n, behaviour]] of Object.entries(plans(tls)))
		hosts[name] = await MailHost.start(at(n), behaviour);
	// Where there is no IPv6 at all, nothing of it is tested.
	hosts.six = await MailHost.start('::1', { ehlo: ['mx.six.test'] }, 0).catch(() => null);
	const relay = await Sink.start({ rcpt: () => '450 4.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org' });
	postfix = await Postfix.start({ transports: { 'six.test': `smtp:[mx.six.test]:${hosts.six?.port ?? 25}`, 'routed.test': `smtp:[${at(1)}]:25`, 'mailbox.test': 'lmtp:unix:/nowhere', 'within.test': `within:[${at(16)}]:25` }, main: {
		relay_domains: 'listed.test', relay_transport: `relay:[127.0.0.1]:${relay.port}`,
		// Mail waits, and nothing is tried.
		default_transport: 'smtp', defer_transports: 'smtp within', smtp_dns_support_level: 'enabled', smtp_host_lookup: 'dns',
		smtp_tls_security_level: 'may', smtp_tls_CAfile: authority.file, smtp_bind_address: at(50),
	} });
	postroom = await Postroom.start(postfix, { set: { 'probes.resolver': dns.server, 'probes.allow_local': 'yes', 'probes.blocklists': 'one.list.test two.list.test odd.list.test mute.list.test' } });
	const domains = [...Object.keys(dns.zones).filter((name) => name.split('.').length === 2), 'nowhere.test', 'six.test', 'listed.test', 'routed.test', 'mailbox.test', 'within.test'];
	const ids = await postfix.injectMany(domains.length, (i) => ({ to: [`someone@${domains[i]}`] }));
	await postfix.untilIn('deferred', ids);
	await Promise.all(ids.map((id) => postroom.untilMessage(id, (message) => message.queue === 'deferred')));
});

// The notifier may be a moment later than the service.
const begin = (body) => until('a probe to begin', async () => {
	const { status, body: reply } = await postroom.api('POST', '/probes', body);
	if (reply.code === 'notifier_unavailable')
		return null;
	assert.equal(status, 201, JSON.stringify(reply));
	return reply;
});

const end = ({ id }) => until('the end of the probe', async () => {
	const found = await postroom.get(`/probes/${id}`);
	return found.state === 'running' ? null : found;
}, { timeout: 120000 });

const probe = async (body) => end(await begin(body));

const step = (found, name, host) => {
	const one = found.steps.find((s) => s.name === name && (!host || s.host?.startsWith(host)));
	assert.ok(one, `no step ${name} of ${host} in ${JSON.stringify(found.steps, null, 1)}`);
	return one;
};
// The limit is ten a minute for each start of the service.
const again = async () => {
	await postroom.stop();
	await postroom.up();
	await postroom.untilCurrent();
};

test('a destination that is well: each step with its words, and nothing is said but EHLO, STARTTLS and QUIT', async () => {
	const found = await probe({ kind: 'destination', domain: 'good.test' });
	assert.equal(found.outcome, 'ok', JSON.stringify(found, null, 1));
	assert.deepEqual(found.steps.map((s) => s.name), ['route', 'mx', 'address', 'connect', 'greeting', 'ehlo', 'starttls', 'certificate', 'ehlo_tls', 'quit']);
	assert.match(step(found, 'mx').text, /mx\.good\.test \(10\)/);
	assert.equal(step(found, 'connect').host, `mx.good.test[${at(1)}]:25`);
	assert.equal(step(found, 'ehlo').answer, '250-mx.good.test\n250-STARTTLS\n250 SIZE 1000');
	assert.match(step(found, 'certificate').text, /TLSv1\.3.*It is for mx\.good\.test\. Its chain is trusted\./);
	assert.equal(step(found, 'connect').text, `Connected, from ${at(50)}.`);
	assert.deepEqual(hosts.good.commands, ['EHLO mail.test', 'STARTTLS', 'EHLO mail.test', 'QUIT']);
	assert.equal(found.summary, 'good.test takes connections as it should, at 1 address.');
	assert.equal(found.by, 'root');
	const { probes } = await postroom.get('/probes?domain=good.test');
	assert.deepEqual(probes, [found]);
});

test('a large answer comes by TCP', async () => {
	const found = await probe({ kind: 'destination', domain: 'large.test' });
	assert.match(step(found, 'mx').text, /mx\.good\.test \(10\)/);
	assert.deepEqual(dns.asked.filter((question) => question.startsWith('large.test')), ['large.test MX', 'large.test MX by TCP']);
	assert.equal(found.summary, 'large.test takes connections as it should, at 1 address.');
});

test('certificates: each fault is told, and what the level makes of it', async () => {
	const may = await probe({ kind: 'destination', domain: 'tls.test' });
	assert.equal(may.outcome, 'warning', JSON.stringify(may, null, 1));
	assert.equal(step(may, 'certificate', 'right').outcome, 'ok');
	assert.match(step(may, 'certificate', 'other').text, /not for the name other\.tls\.test\. Its names: elsewhere\.test.*Postfix does not look at that/);
	assert.match(step(may, 'certificate', 'old').text, /has expired, on 2020-02-01.*It is for old\.tls\.test/);
	assert.match(step(may, 'certificate', 'self').text, /self-signed/);
	assert.equal(step(may, 'certificate', 'self').outcome, 'warning');
	assert.match(step(may, 'starttls', 'broken').text, /said more behind its reply/);
	assert.equal(step(may, 'starttls', 'broken').outcome, 'bad');

	await postfix.set({ smtp_tls_security_level: 'verify' });
	await again();
	const verify = await probe({ kind: 'destination', domain: 'tls.test' });
	assert.match(step(verify, 'certificate', 'other').text, /At TLS level verify Postfix does not deliver there/);
	assert.equal(step(verify, 'certificate', 'right').outcome, 'ok', step(verify, 'certificate', 'right').text);
	for (const name of ['old', 'self'])
		assert.equal(step(verify, 'certificate', name).outcome, 'bad');
	await postfix.set({ smtp_tls_security_level: 'may' });
	await again();
});

test('what is tested is where Postfix sends the mail, and the first step says so', async () => {
	const routed = await probe({ kind: 'destination', domain: 'routed.test' });
	assert.match(step(routed, 'route').text, new RegExp(`sends mail for routed\\.test to \\[${at(1)}\\]:25 \\(an entry of transport_maps\\)`));
	assert.deepEqual([routed.outcome, step(routed, 'greeting').host], ['ok', `${at(1)}[${at(1)}]:25`]);
	const relayed = await probe({ kind: 'destination', domain: 'listed.test' });
	assert.match(step(relayed, 'route').text, /to \[127\.0\.0\.1\]:\d+ \(relay_transport\)/);
	assert.equal(step(relayed, 'ehlo').outcome, 'ok');
	const mailbox = await probe({ kind: 'destination', domain: 'mailbox.test' });
	assert.deepEqual(mailbox.steps.map((s) => [s.name, s.outcome]), [['route', 'skipped']]);
	assert.match(mailbox.summary, /delivery agent "lmtp" \(an entry of transport_maps\)/);
	assert.equal((await probe({ kind: 'destination', domain: 'GOOD.test' })).steps[0].text, "Postfix sends mail for good.test to the domain's own mail servers (MX).");
});

test('a policy of the next hop and a -o of its transport count as they do for Postfix', async () => {
	const policies = join(postfix.config, 'policies');
	writeFileSync(policies, `good.test secure match=mx.good.test:nexthop protocols=!SSLv3
plain.test fingerprint match=00:11
.example encrypt
unsigned.test dane-only
alias.test sometimes
[${at(1)}]:25 none
`);
	await postfix.set({ smtp_tls_policy_maps: `texthash:${policies}` });
	await postfix.command('postconf', '-M', 'within/unix=within unix - - n - - smtp -o smtp_tls_security_level=encrypt -o smtp_helo_name=within.test');
	await again();
	const secure = await probe({ kind: 'destination', domain: 'good.test' });
	assert.match(step(secure, 'route').text, /TLS level secure \(smtp_tls_policy_maps, good\.test\)\. Of that entry a test looks at level and match alone/);
	assert.match(step(secure, 'certificate').text, /It is for mx\.good\.test\. Its chain is trusted/);
	assert.equal(secure.outcome, 'ok');
	const none = await probe({ kind: 'destination', domain: 'routed.test' });
	assert.match(step(none, 'route').text, /TLS level none/);
	assert.equal(step(none, 'starttls').outcome, 'skipped');
	const within = await probe({ kind: 'destination', domain: 'within.test' });
	assert.match(step(within, 'route').text, /master\.cf says for this transport: smtp_tls_security_level = encrypt, smtp_helo_name = within\.test/);
	assert.match(step(within, 'starttls').text, /offers no STARTTLS\. At TLS level encrypt Postfix does not deliver there/);
	assert.deepEqual([within.outcome, hosts.bare.commands], ['bad', ['EHLO within.test', 'QUIT']]);
	const only = await probe({ kind: 'destination', domain: 'unsigned.test' });
	assert.match(step(only, 'certificate').text, /Without signed TLSA records Postfix does not deliver there \(TLS level dane-only\)/);
	const known = await probe({ kind: 'destination', domain: 'plain.test' });
	assert.deepEqual([step(known, 'certificate').outcome, /known fingerprint.*a test does not compare/.test(step(known, 'certificate').text)], ['warning', true]);
	// What Postfix itself would not go by is not tested in its place.
	const wrong = await probe({ kind: 'destination', domain: 'alias.test' });
	assert.deepEqual(wrong.steps.map((s) => [s.name, s.outcome]), [['route', 'bad']]);
	assert.match(wrong.summary, /alias\.test: sometimes\) names no TLS level: Postfix does not deliver there/);
	await postfix.set({ smtp_tls_policy_maps: 'texthash:/nowhere/policies' });
	const unsure = await probe({ kind: 'destination', domain: 'good.test' });
	assert.equal(step(unsure, 'route').outcome, 'warning');
	assert.match(step(unsure, 'route').text, /smtp_tls_policy_maps could not be asked \(.*\): the level of main\.cf is taken/);
	await postfix.set({ smtp_tls_policy_maps: '' });
});

test('servers that greet with no, later, nothing, another protocol, or are not there', async () => {
	const found = await probe({ kind: 'destination', domain: 'rude.test' });
	assert.equal(found.outcome, 'bad');
	assert.match(found.summary, /nothing takes it, at 5 addresses/);
	assert.match(step(found, 'greeting', 'no').text, /refuses to talk to us, and says that this is for good/);
	assert.equal(step(found, 'greeting', 'no').answer, '554-5.7.1 Go away,\n554 5.7.1 whoever ?you are');
	assert.match(step(found, 'greeting', 'later').text, /refuses to talk to us now/);
	assert.match(step(found, 'greeting', 'closes').text, /closed the connection without a greeting/);
	assert.match(step(found, 'greeting', 'http').text, /is no SMTP/);
	assert.match(step(found, 'connect', 'down').text, /Connection refused/);
	assert.deepEqual(hosts.no.commands, ['QUIT']);
});

test('servers that never end are ended', async () => {
	const found = await probe({ kind: 'destination', domain: 'endless.test' });
	assert.match(step(found, 'greeting', 'lines').text, /more than 128 lines without an end/);
	assert.match(step(found, 'greeting', 'line.').text, /line of more than 2,048 bytes/);
	assert.match(step(found, 'greeting', 'slow').text, /began a reply, and did not end it within 15 s/);
	assert.match(step(found, 'starttls', 'refuses').text, /offers STARTTLS, and refuses it.*tries again without TLS/);
	assert.equal(step(found, 'starttls', 'refuses').outcome, 'warning');
	assert.match(step(found, 'starttls', 'pushes').text, /said more behind its reply/);
	assert.ok(step(found, 'greeting', 'lines').answer.length <= 2048);
	assert.equal(found.outcome, 'warning');
});

test('name servers: each answer that is none is told in plain words', async () => {
	await again();
	const text = async (domain) => {
		const found = await probe({ kind: 'destination', domain });
		return [found.outcome, step(found, 'mx').text];
	};
	assert.deepEqual(await text('nomail.test'), ['bad', 'nomail.test says that it takes no mail at all (null MX, RFC 7505): Postfix returns it.']);
	assert.deepEqual(await text('plain.test'), ['ok', 'plain.test has no MX: its own address takes its mail.']);
	assert.match((await text('alias.test'))[1], /mx\.good\.test \(10\)\. alias\.test is an alias of good\.test/);
	assert.deepEqual(await text('nowhere.test'), ['bad', 'nowhere.test does not exist (NXDOMAIN).']);
	assert.match((await text('fails.test'))[1], /could not find out about fails\.test \(SERVFAIL\)/);
	assert.match((await text('refused.test'))[1], /refuses to answer about refused\.test/);
	assert.match((await text('silent.test'))[1], /No name server answered about silent\.test in time/);
	assert.match((await text('garbage.test'))[1], /No name server answered about garbage\.test in time|is no answer/);
	assert.match((await text('lies.test'))[1], /answered about other names/);
});

test('limits: only what mail waits for, one at a time, ten a minute, by operators', async () => {
	await again();
	const refused = async (body, status, code, as) => {
		const reply = await postroom.api('POST', '/probes', body, as);
		assert.deepEqual([reply.status, reply.body.code], [status, code], JSON.stringify(reply.body));
		return reply.body;
	};
	await refused({ kind: 'destination', domain: 'unheard.test' }, 409, 'probe_not_queued');
	await refused({ kind: 'destination', domain: 'not a name' }, 400, 'invalid_value');
	await refused({ kind: 'destination' }, 400, 'missing_member');
	await refused({ kind: 'own_address', domain: 'good.test' }, 400, 'invalid_value');
	await refused({ kind: 'own_address', address: 'nobody' }, 400, 'invalid_value');
	await refused({ kind: 'destination', incident: '12345' }, 404, 'incident_not_found');
	await refused({ kind: 'destination', incident: 'none' }, 400, 'invalid_value');
	await refused({ kind: 'other' }, 400, 'invalid_value');
	assert.equal((await postroom.api('GET', '/probes/1')).body.code, 'probe_not_found');

	const first = await begin({ kind: 'destination', domain: 'silent.test' });
	assert.match((await refused({ kind: 'destination', domain: 'good.test' }, 409, 'probe_busy')).detail, /silent\.test is running/);
	assert.equal((await end(first)).state, 'done');
	for (let i = 1; i < 10; i++)
		await probe({ kind: 'destination', domain: 'good.test' });
	const { retry_after: wait } = await refused({ kind: 'destination', domain: 'good.test' }, 429, 'probe_too_many');
	assert.ok(wait > 0 && wait <= 60);
	assert.equal((await postroom.get('/probes')).probes.length, 10);

	const viewer = await postroom.cli('token', 'create', '--role', 'viewer');
	const { status } = await postroom.api('POST', '/probes', { kind: 'destination', domain: 'good.test' }, { token: viewer.stdout.trim() });
	assert.equal(status, 403);
});

test('DANE: the certificate is held against signed records, and against no others', async () => {
	await postfix.set({ smtp_tls_security_level: 'dane', smtp_dns_support_level: 'dnssec' });
	await again();
	const good = await probe({ kind: 'destination', domain: 'good.test' });
	assert.equal(good.outcome, 'ok', JSON.stringify(good, null, 1));
	assert.match(step(good, 'tlsa').text, /1 TLSA records, signed/);
	assert.match(step(good, 'certificate').text, /It is what the TLSA records name/);
	const wrong = await probe({ kind: 'destination', domain: 'wrong-tlsa.test' });
	assert.match(step(wrong, 'certificate').text, /none that the TLSA records name/);
	assert.equal(wrong.outcome, 'bad');
	const unsigned = await probe({ kind: 'destination', domain: 'unsigned.test' });
	assert.match(step(unsigned, 'tlsa').text, /does not say that it has checked the signatures/);
	assert.equal(step(unsigned, 'certificate').outcome, 'ok');
	await postfix.set({ smtp_tls_security_level: 'may', smtp_dns_support_level: 'enabled' });
});

test('a name server leads a test neither to this host nor into a private network', async () => {
	postroom.keys['probes.allow_local'] = 'no';
	postroom.writeConfig();
	await again();
	const before = hosts.good.connections;
	const own = await probe({ kind: 'destination', domain: 'good.test' });
	assert.match(step(own, 'connect').text, /That address is this host itself: a test does not connect to it/);
	assert.equal(own.outcome, 'bad');
	const inner = await probe({ kind: 'destination', domain: 'inner.test' });
	assert.match(step(inner, 'connect').text, /is of a private network, where a name of the Internet should not lead/);
	assert.equal(hosts.good.connections, before);
	postroom.keys['probes.allow_local'] = 'yes';
	postroom.writeConfig();
});

test('our own address: as replies have named it, its names, and the blocklists', async () => {
	await again();
	const found = await probe({ kind: 'own_address' });
	assert.deepEqual(found.steps.map((s) => s.name), ['own_address', 'ptr', 'forward', 'helo', ...new Array(5).fill('blocklist')]);
	assert.equal(step(found, 'own_address').text, '198.51.100.7 is looked at.');
	assert.match(step(found, 'forward').text, /mail\.test leads back to 198\.51\.100\.7/);
	assert.equal(step(found, 'helo').outcome, 'ok');
	const listed = step(found, 'blocklist', 'zen.spamhaus.org');
	assert.deepEqual([listed.outcome, listed.answer], ['bad', 'Listed, see https://list.test/?ip=198.51.100.7']);
	assert.match(step(found, 'blocklist', 'one').text, /refuses to answer your resolver \(127\.255\.255\.254\)/);
	assert.equal(step(found, 'blocklist', 'two').outcome, 'ok');
	assert.match(step(found, 'blocklist', 'odd').text, /10\.1\.2\.3 is none that a blocklist gives/);
	assert.match(step(found, 'blocklist', 'mute').text, /refuses to answer about/);
	assert.equal(found.summary, '198.51.100.7 is on 1 of 5 blocklists.');
	const other = await probe({ kind: 'own_address', address: '198.51.100.8' });
	assert.match(step(other, 'forward').text, /elsewhere\.test leads to another address/);
	assert.match(step(other, 'helo').text, /leads to another address than 198\.51\.100\.8/);
	assert.equal(other.outcome, 'bad');
	const none = await probe({ kind: 'own_address', address: '198.51.100.9' });
	assert.match(step(none, 'ptr').text, /has no reverse name/);
	assert.equal(step(none, 'ptr').outcome, 'bad');
	/* Name servers that do not answer say nothing against us. */
	const unknown = await probe({ kind: 'own_address', address: '198.51.100.10' });
	assert.equal(step(unknown, 'ptr').outcome, 'warning');
	assert.notEqual(unknown.outcome, 'bad');
});

test('the command line shows steps as they are done, and its exit status says whether one is bad', async () => {
	const good = await postroom.cli('probe', 'good.test');
	assert.equal(good.status, 0, good.stdout + good.stderr);
	assert.match(good.stdout, /^ok +route /m);
	assert.match(good.stdout, /^ok +greeting mx\.good\.test\[.*\n +It greets\.\n +\| 220 mx\.test ESMTP$/m);
	assert.match(good.stdout, /\ngood\.test takes connections/);
	const rude = await postroom.cli('probe', '--json', 'rude.test');
	assert.equal(rude.status, 1);
	assert.equal(JSON.parse(rude.stdout).outcome, 'bad');
	assert.equal((await postroom.cli('probe', '--own', '198.51.100.7')).status, 1);
	assert.deepEqual([(await postroom.cli('probe')).status, (await postroom.cli('probe', 'unheard.test')).status], [2, 4]);
});

test('a notifier that is killed in the middle ends the test, and the next one goes on', async () => {
	await again();
	// It hangs, so that the test cannot end before the kill, and nobody puts another in its place, however slow this machine is.
	await until('a notifier', async () => (await probe({ kind: 'destination', domain: 'good.test' })).outcome === 'ok');
	const [pid] = postroom.pids('notifier');
	const goOn = postroom.hang('notifier');
	const begun = await begin({ kind: 'destination', domain: 'silent.test' });
	// A test begins with questions to Postfix. Once they are answered the notifier is asked: one that is killed before has no part in it.
	await until('the notifier to be asked', async () => (await postroom.get(`/probes/${begun.id}`)).steps.length > 0, { timeout: 60000 });
	process.kill(pid, 'SIGKILL');
	goOn();
	const ended = await end(begun);
	assert.equal(ended.state, 'failed', JSON.stringify(ended));
	assert.match(ended.summary, /went away before the test had ended/);
	assert.equal((await probe({ kind: 'destination', domain: 'good.test' })).outcome, 'ok');
});

test('a name server and a mail server by IPv6', async (t) => {
	if (!hosts.six)
		return t.skip('there is no IPv6 here');
	const six = await Dns.start({ 'mx.six.test': { AAAA: ['::1'] } }, '::1');
	await postfix.set({ inet_protocols: 'all' });
	postroom.keys['probes.resolver'] = six.server;
	postroom.writeConfig();
	await again();
	const found = await probe({ kind: 'destination', domain: 'six.test' });
	assert.deepEqual(six.asked.sort(), ['mx.six.test A', 'mx.six.test AAAA']);
	assert.equal(step(found, 'connect').host, `mx.six.test[::1]:${hosts.six.port}`);
	assert.equal(found.summary, 'mx.six.test takes connections as it should, at 1 address.');
	assert.deepEqual(hosts.six.commands, ['EHLO mail.test', 'QUIT']);
});
