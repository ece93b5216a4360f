/* Signing in by an issuer of OpenID Connect: the way off this page, and how it ended when it did not end well. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, url } from '../api/client';
import type { LoginWays } from '../api/types';
import { endedBy, leaveFor } from '../state/issuer';
import { Icon } from '../ui/Icon';
import { W } from '../words';

/* It may go away, or come back, while somebody looks at the page. */
const AGAIN_MS = 5000;

export function Issuer() {
  const ways = useSignal<LoginWays | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      /* Without an answer there is no button: the form says what is wrong when it is used. */
      ways.value = await get<LoginWays>('/login/ways').catch(() => ways.value);
      if (ways.value?.oidc) timer = setTimeout(() => void ask(), AGAIN_MS);
    };
    void ask();
    return () => clearTimeout(timer);
  }, []);
  const issuer = ways.value?.oidc;
  return (
    <>
      {endedBy.value && (
        <div class="notice error" role="alert">
          <Icon name="circle-alert" />
          <div class="notice-text">
            <p>{W.signIn.ended[endedBy.value]}</p>
          </div>
        </div>
      )}
      {issuer?.ready && (
        <a class="button wide" href={url('/login/oidc')} onClick={leaveFor}>
          {W.signIn.by(issuer.issuer)}
        </a>
      )}
      {issuer && !issuer.ready && (
        <p class="muted" role="status">
          {W.signIn.away(issuer.issuer)}
        </p>
      )}
    </>
  );
}
