// The files for containers and for Traefik: they can be read, they agree with each other, and with what the program does by default.
// No engine, no cluster and no Traefik is at hand here (docs/guide/container.md says what was tried with what).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { temporaryDirectory } from '../harness/cleanup.mjs';

const build = process.env.POSTROOM_BUILD ?? resolve(new URL('../../build', import.meta.url).pathname);

const file = (name) => readFileSync(new URL(`../../packaging/${name}`, import.meta.url), 'utf8');
const compose = ['compose.yaml', 'compose.prefix.yaml'].map((name) => parse(file(`container/${name}`)).services.postroom);
const objects = parseAllDocuments(file('container/kubernetes.yaml')).map((one) => {
	assert.deepEqual(one.errors, []);
	return one.toJS();
});
const ofKind = (kind) => objects.find((one) => one.kind === kind);
const pod = ofKind('StatefulSet').spec.template.spec;
const sidecar = pod.containers.find(({ name }) => name === 'postroom');

test('the capabilities are the same everywhere, and the one that gives most away is none of them', () => {
	const wanted = [...compose[0].cap_add].sort();
	for (const other of [compose[1].cap_add, sidecar.securityContext.capabilities.add])
		assert.deepEqual([...other].sort(), wanted);
	assert.ok(!wanted.includes('SYS_ADMIN'));
	for (const drops of [compose[0].cap_drop, compose[1].cap_drop, sidecar.securityContext.capabilities.drop])
		assert.deepEqual(drops, ['ALL']);
});

test('the root is read-only, process numbers are shared with the queue, and probes ask for paths that are there', () => {
	assert.ok(compose.every((service) => service.read_only));
	assert.ok(sidecar.securityContext.readOnlyRootFilesystem && pod.shareProcessNamespace);
	assert.equal(compose[0].pid, 'service:mta');
	const contract = parse(file('../api/openapi.yaml')).paths;
	for (const probe of [sidecar.startupProbe, sidecar.livenessProbe, sidecar.readinessProbe]) {
		assert.ok(contract[probe.httpGet.path], probe.httpGet.path);
		assert.deepEqual(probe.httpGet.httpHeaders, [{ name: 'Host', value: 'localhost' }]);
	}
	assert.match(file('container/Containerfile'), /^HEALTHCHECK .* CMD \["postroom", "status"\]$/m);
	assert.ok(parse(file('proxy/traefik.yml')).http.services.postroom);
});

// The program's own configuration: {key: value of it by default}, as its help lists them.
const defaults = Object.fromEntries([...spawnSync(join(build, 'postroom-supervisor'), ['serve', '--help'], { encoding: 'utf8' }).stdout
	.matchAll(/^ {2}(\w+\.\w+)\n.*\n.*; default: (.*)$/gm)].map(([, key, value]) => [key, value === 'nothing' ? '' : value]));
const containerfile = file('container/Containerfile');

// Whether the program takes a configuration; users of a container are not on this host.
function taken(words) {
	const users = ['user', 'parse_user', 'view_user', 'notify_user'].map((name, i) => `--set=run.${name}=${65521 + i}`);
	const { status, stdout, stderr } = spawnSync(join(build, 'postroom-supervisor'), ['serve', '--check-config', ...users, ...words], { encoding: 'utf8' });
	assert.equal(status, 0, stdout + stderr);
}

// The port of an address.
const port = (address) => Number(/:(\d+)$/.exec(address)[1]);

// What `--set` gives in a container's command.
const sets = (command) => Object.fromEntries(command.filter((word, i) => command[i - 1] === '--set').map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));

test('the program takes the configuration that each of them gives it', () => {
	const dir = temporaryDirectory('containers');
	writeFileSync(join(dir, 'empty.conf'), '');
	for (const { command } of compose) {
		assert.equal(command[0], 'serve');
		taken(['--config', join(dir, 'empty.conf'), ...command.slice(1)]);
	}
	writeFileSync(join(dir, 'postroom.conf'), ofKind('ConfigMap').data['postroom.conf']);
	taken(['--config', join(dir, 'postroom.conf')]);
	assert.deepEqual(sidecar.volumeMounts.find(({ name }) => name === 'postroom-conf').mountPath, '/etc/postroom');
	// Those in comments, for who puts Traefik in front.
	const traefik = [...file('proxy/traefik.yml').matchAll(/^# {3}(.*)$/gm)].map(([, line]) => line);
	writeFileSync(join(dir, 'traefik.conf'), `${traefik.filter((line) => /^(\[|\w+ = )/.test(line)).join('\n')}\n`);
	assert.match(readFileSync(join(dir, 'traefik.conf'), 'utf8'), /^\[http\]\npublic_url = /);
	taken(['--config', join(dir, 'traefik.conf')]);
});

test('ports are those that the program listens at, and each leads to the next', () => {
	const page = port(defaults['http.listen']);
	assert.equal(Number(/^EXPOSE (\d+)$/m.exec(containerfile)[1]), page);
	for (const { command, ports } of compose) {
		assert.equal(port(sets(command)['http.listen']), page);
		assert.deepEqual(ports, [`127.0.0.1:${page}:${page}`]);
	}
	const conf = ofKind('ConfigMap').data['postroom.conf'];
	const [listen, numbers] = [...conf.matchAll(/^listen = (\S+)$/gm)].map(([, address]) => port(address));
	const named = Object.fromEntries(sidecar.ports.map(({ name, containerPort }) => [name, containerPort]));
	assert.deepEqual(named, { postroom: listen, metrics: numbers });
	assert.equal(listen, page);
	for (const { name, port: outside, targetPort } of ofKind('Service').spec.ports)
		assert.deepEqual([named[targetPort], targetPort], [outside, name]);
	const offered = ofKind('Service').spec.ports.map(({ name }) => name);
	const all = pod.containers.flatMap(({ ports }) => ports.map(({ name }) => name));
	for (const { ports } of ofKind('NetworkPolicy').spec.ingress)
		assert.ok(ports.every((one) => all.includes(one.port)), JSON.stringify(ports));
	for (const { http } of ofKind('Ingress').spec.rules)
		for (const { backend } of http.paths) {
			assert.equal(backend.service.name, ofKind('Service').metadata.name);
			assert.ok(offered.includes(backend.service.port.name));
		}
	for (const probe of [sidecar.startupProbe, sidecar.livenessProbe, sidecar.readinessProbe])
		assert.equal(named[probe.httpGet.port], page);
	const traefik = parse(file('proxy/traefik.yml')).http;
	for (const { url } of traefik.services.postroom.loadBalancer.servers)
		assert.equal(url, `http://${defaults['http.listen']}`);
	// The other router stands there as a comment.
	const { postroom: beneath } = parse([...file('proxy/traefik.yml').matchAll(/^ {4}# (postroom:| {2}.*)$/gm)].map(([, line]) => line).join('\n'));
	assert.match(traefik.routers.postroom.rule, /^Host\(`[a-z.]+`\)$/);
	assert.match(beneath.rule, /^Host\(`[a-z.]+`\) && \(Path\(`(\/\w+)`\) \|\| PathPrefix\(`\1\/`\)\)$/);
	for (const router of [traefik.routers.postroom, beneath])
		assert.deepEqual([router.service, router.entryPoints, Boolean(router.tls)], ['postroom', ['websecure'], true]);
});

test('labels, selectors, volumes and host names of the manifest fit together', () => {
	const labels = ofKind('StatefulSet').spec.template.metadata.labels;
	for (const selector of [ofKind('StatefulSet').spec.selector.matchLabels, ofKind('Service').spec.selector, ofKind('NetworkPolicy').spec.podSelector.matchLabels])
		assert.deepEqual(selector, labels);
	const volumes = [...pod.volumes, ...ofKind('StatefulSet').spec.volumeClaimTemplates.map(({ metadata }) => metadata)].map(({ name }) => name).sort();
	const mounted = [...pod.initContainers, ...pod.containers].flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
	assert.deepEqual([...new Set(mounted)].sort(), volumes);
	assert.equal(pod.volumes.find(({ name }) => name === 'postroom-conf').configMap.name, ofKind('ConfigMap').metadata.name);
	const [{ hosts, secretName }] = ofKind('Ingress').spec.tls;
	assert.deepEqual(hosts, ofKind('Ingress').spec.rules.map(({ host }) => host));
	assert.match(ofKind('ConfigMap').data['postroom.conf'], new RegExp(`^public_url = https://${hosts[0]}$`, 'm'));
	assert.match(file('container/kubernetes.yaml'), new RegExp(`kubectl create secret tls ${secretName} `));
});

test('places are those of the program: the database, its socket, Postfix\'s directories', () => {
	const state = resolve(defaults['store.path'], '..');
	const run = resolve(defaults['http.socket'], '..');
	assert.match(containerfile, new RegExp(`^VOLUME ${state}$`, 'm'));
	const covered = (places, place) => places.some((one) => place === one || place.startsWith(`${one}/`));
	for (const service of compose) {
		const targets = service.volumes.map((volume) => volume.split(':').slice(1).find((word) => word.startsWith('/')));
		assert.ok(targets.includes(state));
		assert.ok(covered(service.tmpfs, run));
	}
	const mounts = sidecar.volumeMounts.map(({ mountPath }) => mountPath);
	assert.ok(mounts.includes(state) && covered(mounts, run));
	for (const places of [compose[0].volumes.map((volume) => volume.split(':')[1]), mounts])
		for (const place of [defaults['postfix.config_directory'], '/var/spool/postfix', '/var/log/postfix'])
			assert.ok(places.includes(place), place);
	// What is written for the log is where the log is mounted.
	for (const log of [sets(compose[0].command)['postfix.log'], /^log = (\S+)$/m.exec(ofKind('ConfigMap').data['postroom.conf'])[1]])
		assert.ok(log.startsWith('/var/log/postfix/'));
	assert.deepEqual(Object.keys(parse(file('container/compose.yaml')).volumes).sort(), compose[0].volumes.map((volume) => volume.split(':')[0]).sort());
});

// Of the image and of the package: which programs, users and libraries there are.
test('the image has every program, user and library', () => {
	const built = execFileSync('meson', ['introspect', '--targets', build], { encoding: 'utf8', maxBuffer: 1 << 28 });
	const programs = JSON.parse(built).filter(({ installed, type }) => installed && type === 'executable').map(({ name }) => name).sort();
	assert.deepEqual(/ninja -C build (.*) \\$/m.exec(containerfile)[1].split(' ').sort(), programs);
	for (const [name, pattern] of [['../debian/rules', /^PROGRAMS = (.*)$/m], ['rpm/postroom.spec', /^%global programs (.*)$/m]])
		assert.deepEqual(pattern.exec(file(name))[1].split(' ').sort(), programs, name);
	assert.deepEqual(['postroom', .../^programs="(.*)"$/m.exec(file('install'))[1].split(' ')].sort(), programs);

	const users = [...file('postroom.sysusers').matchAll(/^u (\S+)/gm)].map(([, name]) => name).sort();
	assert.deepEqual([...containerfile.matchAll(/\b(postroom[a-z-]*):98\d/g)].map(([, name]) => name).sort(), users);
	for (const [, group] of file('postroom.sysusers').matchAll(/^g (\S+)/gm))
		assert.match(containerfile, new RegExp(`groupadd .* ${group} `));

	const wanted = new Set(programs.flatMap((name) => [...execFileSync('objdump', ['-p', join(build, name)], { encoding: 'utf8' }).matchAll(/NEEDED +(\S+)/g)].map(([, library]) => library)));
	const owners = execFileSync('dpkg-query', ['--search', ...[...wanted].map((name) => `*/${name}`)], { encoding: 'utf8' });
	const packages = new Set(owners.split('\n').filter((line) => !/^(libc6|diversion)\b/.test(line)).map((line) => line.split(':')[0]).filter((name) => name && !name.endsWith('-dev')));
	const installed = containerfile.slice(containerfile.lastIndexOf('FROM')).split(/[\s\\]+/);
	assert.ok(packages.size > 10);
	for (const name of packages)
		assert.ok(installed.includes(name), `${name} is not in the image`);
});
