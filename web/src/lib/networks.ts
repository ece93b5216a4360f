/* Which clients are no strangers: this host itself, and addresses that no network outside can have. */

const OWN = [
  /^127\./,
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^::1$/,
  /^f[cd][0-9a-f]{2}:/i,
  /^fe[89ab][0-9a-f]:/i,
];

/** Of a client as groups name it, "name[address]". `host` is this host's own name. */
export function isOwn(client: string, host?: string): boolean {
  const [, name, address] = /^(.*)\[(?:IPv6:)?([^\]]*)\]$/i.exec(client) ?? [];
  if (address === undefined) return false;
  return (
    (host !== undefined && host !== '' && name!.toLowerCase() === host.toLowerCase()) ||
    OWN.some((network) => network.test(address.replace(/^::ffff:/i, '')))
  );
}
