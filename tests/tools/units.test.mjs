// The unit files: systemd finds nothing wrong with them, and how much of the system they leave open.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../harness/cleanup.mjs';

const folder = new URL('../../packaging/systemd/', import.meta.url).pathname;
const units = readdirSync(folder);
// As `systemd-analyze security` counts it, from 0 to 10.
const EXPOSURE_MAX = { 'postroom.service': 2.0, 'postroom@.service': 2.0, 'postroom-helper@.service': 3.0 };
const missing = spawnSync('systemd-analyze', ['--version']).error ? 'there is no systemd-analyze' : false;

// Any program that is there does: what runs is not looked at. An instance has a name.
function installed() {
	const dir = temporaryDirectory('units');
	return units.map((name) => {
		const path = join(dir, name);
		writeFileSync(path, readFileSync(join(folder, name), 'utf8').replace(/@\w+@\/[\w-]+/g, '/bin/true'));
		return path;
	});
}

test('each service has its exposure, and it is kept', { skip: missing }, (t) => {
	const paths = installed().filter((path) => path.endsWith('.service'));
	assert.deepEqual(paths.map((path) => path.replace(/^.*\//, '')).sort(), Object.keys(EXPOSURE_MAX).sort());
	for (const path of paths) {
		const name = path.replace(/^.*\//, '');
		const text = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], { encoding: 'utf8' });
		const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(text)[1]);
		t.diagnostic(`${name}: ${exposure}`);
		assert.ok(exposure <= EXPOSURE_MAX[name], `${name}: ${exposure}\n${text.split('\n').filter((line) => line.startsWith('✗')).join('\n')}`);
	}
});

test('systemd reads them without a complaint', { skip: missing }, () => {
	const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...installed()], { encoding: 'utf8' });
	assert.doesNotMatch(`${stdout}${stderr}`, /postroom/);
});

test('an instance differs from the service in paths alone', () => {
	const settings = (name) => readFileSync(join(folder, name), 'utf8').split('\n').filter((line) => /^\w+=/.test(line));
	const one = settings('postroom.service');
	const many = settings('postroom@.service').map((line) => line.replaceAll(' --config /etc/postroom/%i.conf', '').replace('of %i', 'of this host').replace('postroom/%i', 'postroom').replace(/(Preserve=)restart/, '$1yes'));
	assert.deepEqual(many, one);
});

const parser = spawnSync('apparmor_parser', ['--version']).error ? 'there is no apparmor_parser' : false;

// Read and compiled, and not put in force: no kernel is asked.
test('AppArmor\'s parser takes the profiles', { skip: parser }, () => {
	const profiles = new URL('../../packaging/apparmor/', import.meta.url).pathname;
	const dir = temporaryDirectory('apparmor');
	for (const name of readdirSync(profiles)) {
		const path = join(dir, name);
		writeFileSync(path, readFileSync(join(profiles, name), 'utf8').replaceAll('@LIBEXECDIR@', '/usr/libexec/postroom'));
		const { status, stderr } = spawnSync('apparmor_parser', ['--skip-kernel-load', '--skip-cache', path], { encoding: 'utf8' });
		assert.equal(status, 0, stderr);
	}
});
