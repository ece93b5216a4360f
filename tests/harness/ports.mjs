// Free TCP ports on loopback for programs that cannot be given port 0. Each is given to one test file at a time. That
// must be seen to here: Postfix listens with SO_REUSEPORT, so two of them can have one port, and the kernel gives each
// connection to one or the other. Any other program may still take a port in between: whoever starts one tries again.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

// Whether the port is this process's from now on, until it ends. The UDP port of the same number stands for it: the kernel
// gives that to one process alone.
export function claimPort(port, host = '127.0.0.1') {
	return new Promise((resolve, reject) => {
		const claim = createSocket('udp4');
		claim.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
		claim.bind({ port, address: host, exclusive: true }, () => {
			claim.unref();
			resolve(true);
		});
	});
}

const anyPort = (host) => new Promise((resolve, reject) => {
	const server = createServer();
	server.once('error', reject);
	server.listen(0, host, () => {
		const { port } = server.address();
		server.close(() => resolve(port));
	});
});

export async function freePort(host = '127.0.0.1') {
	for (;;) {
		const port = await anyPort(host);
		if (await claimPort(port, host))
			return port;
	}
}
