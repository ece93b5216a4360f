// Differences that are right: Postroom says something else than Postfix's tools, for a reason. Each has the reason, and says of
// one difference whether it is that. `context`: {truth, oracle, version}.
const messageOf = (truth, id) => truth.messages.find((message) => message.id === id.split(' ')[0]);
const domainOf = (address) => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

const OF_RECIPIENTS = ['recipient', 'recipient_count', 'reason', 'delivered_count'];

export const EXPLAINED = [
	{
		name: 'active',
		why: 'of a message that is being delivered the recipients are as old as the last look (docs/ARCHITECTURE.md, Sources): who is done, and a reason that one gets while others are still tried, come with the end of the attempt',
		is: ({ what, id, ours, theirs }, { truth, oracle }) => messageOf(truth, id)?.queue === 'active' && OF_RECIPIENTS.includes(what) &&
			(what === 'reason' ? ours === null || oracle.earlier(id, ours) : what === 'recipient_count' ? ours > theirs : what === 'delivered_count' ? ours < theirs : theirs === null),
	},
	{
		name: 'redirect',
		why: 'showq lists the recipients that a REDIRECT stands in for beside its target, which the defer log names; mail goes to the target alone, and that is what is shown',
		is: ({ what, id, ours, theirs }, { oracle }) => oracle.redirected(id.split(' ')[0]) && (what === 'recipient' ? ours === null : what === 'recipient_count' && ours < theirs),
	},
	{
		name: 'size in maildrop',
		why: 'of a re-queued message in maildrop Postfix 3.4 to 3.7 lists the size that its record names, from 3.8 on that of the file; Postroom shows the file\'s with every version, until pickup takes the message',
		is: ({ what, id }, { truth, version }) => version < 3.8 && (what === 'size' ? messageOf(truth, id)?.queue === 'maildrop' : what === 'bytes' && truth.messages.some(({ queue }) => queue === 'maildrop')),
	},
	{
		name: 'qshape and redirect',
		why: 'qshape(1) reads queue files alone and counts the recipients that a REDIRECT stands in for, not its target',
		is: ({ what }, { truth, oracle }) => what.startsWith('qshape ') && truth.messages.some(({ queue, id }) => what === `qshape ${queue}` && oracle.redirected(id)),
	},
	{
		name: 'qshape without forced',
		why: 'qshape(1) passes over messages that are forced to expire: it takes only files of mode 0700, and those have 0710 (docs/POSTFIX.md)',
		is: ({ what, id }, { truth }) => what.startsWith('qshape ') && truth.messages.some(({ queue, forced, recipients }) => forced && what === `qshape ${queue}` && recipients.some(({ address }) => domainOf(address) === id)),
	},
];
