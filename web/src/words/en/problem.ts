/* Mistakes, by the code that the server gives. */
const problemWords: Record<string, string> = {
  unreachable: 'The server does not answer.',
  login_failed: 'Name or password is wrong.',
  login_link_invalid: 'This sign-in link is no longer good. Ask for a new one, or sign in with name and password.',
  not_authenticated: 'Your session has ended. Sign in again; the page goes on where it was.',
  helper_unavailable: 'Postroom’s privileged helper is not running, so nothing can be done to messages.',
  reader_unavailable: 'The queue cannot be read at the moment.',
  store_unavailable: 'Postroom’s own database does not work. Nothing was done.',
  postfix_stopped: 'Postfix is not running.',
  not_current: 'The queue has not been read completely yet. Nothing was done; try again in a moment.',
  forbidden: 'Your account does not have the right to do this.',
  view_expired: 'The server no longer keeps this list. Refresh and choose again; nothing was done.',
  not_all_yours: 'It also goes to recipients outside of what you see.',
  nothing_matched: 'Nothing to act on: these messages are no longer in the queue.',
  too_many_requests: 'Too many requests. Wait a little.',
  last_admin: 'The last account that may sign in as administrator stays one. Add or unlock another one first.',
  user_not_found: 'There is no such account any more.',
};

export const problemPageWords = {
  problem: {
    title: 'No answer',
    unreachable: 'Check that the service runs: systemctl status postroom. The page tries again by itself.',
    unreadable: (status: number): string => `The server answered in a way this page does not understand (status ${status}).`,
    reference: 'Reference',
    of: problemWords,
  },
};
