/* An address in little room: the part before the @ is cut before the domain is, which says more. */
import { plain } from '../lib/text';
import { Sender, Text } from './Text';

export function Address({ address }: { address: string }) {
  const at = address.lastIndexOf('@');
  if (at < 1) return <Sender address={address} />;
  return (
    <span class="address" title={plain(address)}>
      <Text class="local" text={address.slice(0, at)} />
      <Text class="domain" text={address.slice(at)} />
    </span>
  );
}
