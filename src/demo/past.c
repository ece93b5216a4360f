/* What the log, the depths and the mail of the past agree on. */
#include "demo/past.h"

#include <stddef.h>

#include "base/hash.h"

static const struct past_waiting waiting[] = {
    {"former-customer.example", 14, 12, 70 * 60, "4.4.1",
	"connect to {host}:{port}: Connection refused"},
    {"far-away.example", 8, 35, 62 * 60, "4.4.1", "connect to {host}:{port}: Connection timed out"},
    {"hosting.example", 10, 20, 21 * 60, "4.3.1",
	"host {host} said: 452 4.3.1 Insufficient system storage (in reply to end of DATA "
	"command)"},
    {"freemail.example", 24, 9, 58 * 60, "4.2.2",
	"host {host} said: 452 4.2.2 The email account that you tried to reach is over quota. "
	"Please direct the recipient to https://support.freemail.example/quota (in reply to RCPT "
	"TO command)"},
    {"clinic.example", 7, 15, 9 * 60, "4.3.0",
	"host {host} said: 451 4.3.0 <{rcpt}>: Temporary lookup failure (in reply to RCPT TO "
	"command)"},
    {"partner.example", 9, 25, 5 * 60, "4.7.1",
	"host {host} said: 450 4.7.1 Service unavailable; Client host [192.0.2.25] blocked using "
	"dnsbl.blocklist.example; see https://blocklist.example/lookup?q=192.0.2.25 (in reply to "
	"RCPT TO command)"},
    {"shop.example", 16, 8, 110, "4.3.2",
	"host {host} said: 450 4.3.2 <{rcpt}>: Recipient address rejected: Service unavailable, "
	"maintenance until further notice (in reply to RCPT TO command)"},
};

const struct past_waiting *past_waiting(size_t *count)
{
	*count = sizeof(waiting) / sizeof(waiting[0]);
	return waiting;
}

int64_t past_age(const struct past_waiting *w, unsigned i)
{
	/* Most are young: mail that waits for days is rare. */
	uint64_t share = hash_u64(i * 31 + w->messages) % 1000;
	int64_t span = (int64_t)(w->oldest - w->youngest) * 60;

	/* The last one is the oldest, so that something is near the end of its lifetime. */
	if (i + 1 == w->messages)
		share = 1000;
	return (int64_t)w->youngest * 60 + span * (int64_t)(share * share) / 1000000;
}

static uint64_t microseconds_of(uint64_t inode)
{
	return hash_u64(inode) % 1000000;
}

/* Digits from the last to the first, at least `width` of them. */
static size_t append_digits(char *out, uint64_t number, unsigned base, size_t width)
{
	/* Postfix's alphabet: no vowels, so that no words come out. */
	static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	char reversed[PAST_ID_SIZE];
	size_t len = 0;

	do {
		reversed[len++] = digits[number % base];
		number /= base;
	} while (number > 0 || len < width);
	for (size_t i = 0; i < len; i++)
		out[i] = reversed[len - 1 - i];
	return len;
}

void past_queue_id(char out[PAST_ID_SIZE], int64_t seconds, uint64_t inode)
{
	size_t len = append_digits(out, (uint64_t)seconds, 52, 6);

	len += append_digits(out + len, microseconds_of(inode), 52, 4);
	out[len++] = 'z';
	len += append_digits(out + len, inode, 51, 1);
	out[len] = '\0';
}

char past_queue_hash(uint64_t inode)
{
	/* mail_queue_dir: the microseconds as five hexadecimal digits, of which the first counts.
	 */
	return "0123456789ABCDEF"[microseconds_of(inode) >> 16];
}
