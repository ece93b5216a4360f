// The files for containers and for Traefik: they can be read, and say the same of what the service needs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parse, parseAllDocuments } from 'yaml';

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
