/* The table of replies, and their diagnoses, looked up once. */
#include "replies.h"

#include "postfix/diagnosis.h"

#define SAID "host mx.there.example[198.51.100.7] said: "
#define AT_RCPT " (in reply to RCPT TO command)"
#define AT_DATA " (in reply to end of DATA command)"

struct row {
	const char *text, *dsn;
	bool no_host;
};

static const struct row rows[REPLIES] = {
    [REPLY_GREYLISTED] = {SAID "450 4.2.0 <a@there.example>: Recipient address rejected: "
			       "Greylisted, please try again" AT_RCPT,
	"4.2.0"},
    [REPLY_TRY_LATER] = {SAID "451 4.7.1 Please try again later" AT_RCPT, "4.7.1"},
    [REPLY_OVER_QUOTA] = {SAID "452 4.2.2 <a@there.example>: Mailbox full" AT_RCPT, "4.2.2"},
    [REPLY_TIMED_OUT] = {"connect to mx.there.example[198.51.100.7]:25: Connection timed out",
	"4.4.1"},
    [REPLY_REFUSED] = {"connect to mx.there.example[198.51.100.7]:25: Connection refused", "4.4.1"},
    [REPLY_NO_ROUTE] = {"connect to mx.there.example[198.51.100.7]:25: Network is unreachable",
	"4.4.1"},
    [REPLY_SYSTEM] = {SAID "451 4.3.0 Temporary lookup failure" AT_RCPT, "4.3.0"},
    [REPLY_SHUTTING_DOWN] = {"host mx.there.example[198.51.100.7] refused to talk to me: 421 "
			     "4.3.2 Service not available, closing transmission channel",
	"4.3.2"},
    [REPLY_NOT_NOW] = {SAID "450 4.7.1 Client host rejected: access denied for now" AT_RCPT,
	"4.7.1"},
    [REPLY_UNUSUAL_RATE] = {SAID "421 4.7.28 Our system has detected an unusual rate of "
				 "unsolicited mail originating from your IP address" AT_DATA,
	"4.7.28"},
    [REPLY_TOO_MUCH] = {SAID "451 4.7.500 Server busy. Rate limit exceeded, slow down" AT_RCPT,
	"4.7.500"},
    [REPLY_DNS_AGAIN] = {"Host or domain name not found. Name service error for "
			 "name=there.example type=MX: Host not found, try again",
	"4.4.3", true},
    [REPLY_BLOCKLIST] = {SAID "450 4.7.1 Service unavailable; client [192.0.2.25] blocked using "
			      "zen.spamhaus.org" AT_RCPT,
	"4.7.1"},
    [REPLY_BLOCKLIST_OTHER] = {SAID "421 4.7.1 Your address 192.0.2.25 is blocked using "
				    "bl.spamcop.net" AT_RCPT,
	"4.7.1"},
    [REPLY_REPUTATION] = {SAID "421 4.7.0 Messages from 192.0.2.25 temporarily deferred due to "
			       "poor reputation of your IP address" AT_RCPT,
	"4.7.0"},
    [REPLY_SPAM_LATER] = {SAID "451 4.7.1 Message looks like spam, deferred" AT_DATA, "4.7.1"},
    [REPLY_FILTER_REFUSED] = {"connect to 127.0.0.1[127.0.0.1]:10024: Connection refused", "4.4.1"},
    [REPLY_FILTER_TIMED_OUT] = {"conversation with 127.0.0.1[127.0.0.1] timed out while receiving "
				"the initial server greeting",
	"4.4.2"},
    [REPLY_LMTP_DOWN] = {"connect to here.example[private/dovecot-lmtp]: Connection refused",
	"4.4.1"},
    [REPLY_TRANSPORT] = {"mail transport unavailable", "4.3.0", true},
    [REPLY_RESOLVE] = {"address resolver failure", "4.3.0", true},
    [REPLY_UNKNOWN] = {SAID "550 5.1.1 <a@there.example>: Recipient address rejected: User "
			    "unknown" AT_RCPT,
	"5.1.1"},
    [REPLY_SPAM] = {SAID "550 5.7.1 Message rejected as spam" AT_DATA, "5.7.1"},
    [REPLY_BLOCKED] = {SAID "554 5.7.1 Service unavailable; client [192.0.2.25] blocked using "
			    "zen.spamhaus.org" AT_RCPT,
	"5.7.1"},
    [REPLY_HOPS] = {SAID "554 5.4.0 Error: too many hops" AT_DATA, "5.4.0"},
};

struct slice reply_text(enum reply reply)
{
	return rows[reply].text ? slice_of(rows[reply].text) : SLICE("");
}

struct slice reply_cause(enum reply reply)
{
	static const struct diagnosis *known[REPLIES];

	if (!rows[reply].text)
		return SLICE("");
	if (!known[reply])
		known[reply] = diagnosis_find(reply_text(reply), slice_of(rows[reply].dsn));
	return slice_of(known[reply]->key);
}

enum reply reply_class(enum reply reply)
{
	/* + 1; 0: not looked up yet. Asked for every recipient that waits, every minute. */
	static uint8_t known[REPLIES];
	uint8_t first = 0;

	if (known[reply])
		return (enum reply)(known[reply] - 1);
	while (!slice_equal(reply_cause((enum reply)first), reply_cause(reply)))
		first++;
	known[reply] = (uint8_t)(first + 1);
	return (enum reply)first;
}

bool reply_has_host(enum reply reply)
{
	return !rows[reply].no_host;
}
