// Free TCP ports on loopback for programs that cannot be given port 0. Another process may take one in
// between, so whoever starts such a program tries again with new ones.
import { createServer } from 'node:net';

export function freePort(host = '127.0.0.1') {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, host, () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}
