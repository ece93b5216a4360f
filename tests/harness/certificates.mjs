// Certificates for servers of tests, made by openssl: an authority of their own, and what it issues.
//
//   const authority = new Authority();
//   authority.file                                    // PEM, for smtp_tls_CAfile
//   authority.issue('mx.test')                        // {key, cert}: PEM
//   authority.issue('mx.test', { expired: true })
//   selfSigned('mx.test')
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './cleanup.mjs';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });

function makeSelfSigned(dir, name) {
	openssl('req', '-x509', ...KEY, '-days', '60', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', join(dir, 'self.key'), '-out', join(dir, 'self.pem'));
	return { key: readFileSync(join(dir, 'self.key')), cert: readFileSync(join(dir, 'self.pem')) };
}

export const selfSigned = (name) => makeSelfSigned(temporaryDirectory('certificate'), name);

// The data of a TLSA record 3 1 1: the SHA-256 of the public key.
export const keyDigest = ({ cert }) => createHash('sha256').update(new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })).digest('hex');

export class Authority {
	constructor() {
		this.dir = temporaryDirectory('authority');
		chmodSync(this.dir, 0o755);
		this.file = join(this.dir, 'ca.pem');
		openssl('req', '-x509', ...KEY, '-days', '60', '-subj', '/CN=Test Authority', '-keyout', join(this.dir, 'ca.key'), '-out', this.file);
		chmodSync(this.file, 0o644);
		writeFileSync(join(this.dir, 'ca.conf'), `[ca]\ndefault_ca = own\n[own]\ndir = ${this.dir}\nnew_certs_dir = ${this.dir}\ndatabase = ${this.dir}/index\n`
			+ 'rand_serial = yes\ndefault_md = sha256\npolicy = any\ncopy_extensions = copy\nunique_subject = no\n[any]\ncommonName = supplied\n');
		writeFileSync(join(this.dir, 'index'), '');
	}

	issue(name, { expired = false } = {}) {
		const file = (end) => join(this.dir, `leaf.${end}`);
		const dates = expired ? ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'] : ['-days', '60'];
		openssl('req', '-new', ...KEY, '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', file('key'), '-out', file('csr'));
		openssl('ca', '-batch', '-notext', '-config', join(this.dir, 'ca.conf'), '-cert', this.file, '-keyfile', join(this.dir, 'ca.key'), ...dates, '-in', file('csr'), '-out', file('pem'));
		return { key: readFileSync(file('key')), cert: readFileSync(file('pem')) };
	}
}
