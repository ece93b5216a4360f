/* The help page. */
export const helpPageWords = {
  help: {
    title: 'Help',
    wrong: 'Something is wrong? One page for each kind of trouble says what to do, step by step: {runbooks}',
    more: 'From the installation to the API, with a search: {docs}',
    docs: 'Documentation',
    queues: 'The queues',
    diagram: {
      label: 'How a message goes through Postfix’s queues',
      smtp: 'Network',
      smtpText: 'from other hosts',
      maildrop: 'submitted here',
      incoming: 'received',
      active: 'being tried',
      out: 'Delivered',
      outText: 'leaves the queue',
      deferred: 'tried again later',
      hold: 'set aside',
      returned: 'Returned',
      returnedText: 'to the sender',
      corrupt: 'unreadable',
      failed: 'fails',
      retry: 'is due',
      holdVerb: 'hold',
      releaseVerb: 'release',
      expired: 'too old',
    },
    notInIt: 'What is not in the queue',
    notInItList: [
      'Delivered mail: Postfix forgets it. The mail log knows.',
      'Mail refused while it was received: it never entered, so there is nothing here to retry.',
      'Mail that a destination refused for good (a 5xx reply): it is returned at once and not kept.',
      'Corrupt files: counted above, in no listing, out of reach of every action.',
    ],
    stalled: 'When a content filter stalls',
    stalledText:
      'A filter that hangs keeps messages in the active queue until it times out; one that is down makes them deferred, with ' +
      '“delivery temporarily suspended” or “connection refused” naming the filter’s own address. Group by reason: one ' +
      'transport behind most of the queue is the filter, not the destinations. Repair it first, then retry. Which filter a ' +
      'message goes to is written into it: a changed content_filter reaches mail that waits already only by re-queuing.',
    actions: 'What the actions do',
    schedule: 'When Postfix tries again',
    scheduleText:
      'The next wait is the age of the message, but not less than minimal_backoff_time and not more than ' +
      'maximal_backoff_time. When it is over, the message waits for the next look at the deferred queue, at most ' +
      'queue_run_delay later. So a time is always a span. After maximal_queue_lifetime the first failed attempt returns the ' +
      'message.',
    filter: 'Filter',
    filterText:
      'Terms side by side must all match. A bare word looks in queue ID, sender, recipients and reason. A minus in front ' +
      'excludes, quotes keep blanks together; or, not and parentheses combine. A value is looked for anywhere; = in front ' +
      'wants it whole, * and ? stand for any characters. Every value on the page filters on click and excludes with Alt.',
    filterManual: 'All of it stands in the manual page postroom-filter(7); the command line and the API take the same filters.',
    examples: [
      ['queue:deferred age>1d', 'deferred for more than a day'],
      ['from:*@shop.example -to:"anna@"', 'from one domain, but not to anna'],
      ['domain:bigmail.example reason:"over quota"', 'to one destination, with these words in the reply'],
      ['(login:=news or client:192.0.2.) size>1M', 'from one login or one network, and large'],
      ['from:=""', 'bounces: the null sender'],
    ] as [string, string][],
    classes: 'Reasons, classes and causes',
    classesText:
      'A reason is what the other host said, or what Postfix says when it got no answer. Replies that differ only in ' +
      'addresses, IDs, numbers, times and hosts are one class, so that ten thousand full mailboxes are one line and not ten ' +
      'thousand. A cause is what such classes usually mean and what to do about it; several classes may have one cause. ' +
      'Reason groups by class, Cause by cause; a click on either narrows to exactly its messages.',
    keys: 'Keys',
    keysWhere: 'Keys about messages work while the table has the focus (click it, or press g and t); actions also on what is selected.',
    keysOn: 'Use single keys',
  },
  keys: [
    ['Ctrl-K', 'find an address, an ID, a cause, a job, a setting, an action; on a Mac Cmd-K'],
    ['/', 'filter'],
    ['g t', 'to the table'],
    ['g i', 'to what needs somebody'],
    ['j k', 'down, up'],
    ['x', 'select'],
    ['Enter', 'open in place'],
    ['o', 'open the message’s page'],
    ['r', 'refresh'],
    ['p', 'pause following'],
    ['t', 'retry now'],
    ['h', 'hold'],
    ['u', 'release'],
    ['#', 'delete'],
    ['g q', 'queue'],
    ['g j', 'jobs'],
    ['g a', 'alerts'],
    ['g s', 'settings'],
    ['?', 'this help'],
    ['Esc', 'one level back'],
  ] as [string, string][],
};
