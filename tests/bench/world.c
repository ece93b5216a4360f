#include "world.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

static uint64_t draw(uint64_t *seed)
{
	return hash_u64(++*seed);
}

static unsigned below(uint64_t *seed, unsigned n)
{
	return (unsigned)(draw(seed) % n);
}

/* Long-tailed: a few domains have most of the mail, as in the world (uniform to the fourth power).
 */
static unsigned domain_of(uint64_t *seed)
{
	double u = (double)(draw(seed) >> 11) / (double)(1ull << 53);

	return (unsigned)(WORLD_DOMAINS * u * u * u * u);
}

void world_message(uint64_t n, int64_t now, bool only_one, struct world_message *m)
{
	uint64_t seed = n * 1000003;
	unsigned from = domain_of(&seed) % 200, age;

	memset(m, 0, sizeof(*m));
	snprintf(m->sender, sizeof(m->sender), "%s.%u@sender%u.example",
	    below(&seed, 3) ? "customer" : "newsletter", below(&seed, 40), from);
	if (below(&seed, 20) == 0)
		m->sender[0] = '\0';
	snprintf(m->subject, sizeof(m->subject), "Order %llu: your %s of the %uth",
	    (unsigned long long)n,
	    (const char *[]){"invoice", "delivery", "newsletter", "reminder"}[below(&seed, 4)],
	    below(&seed, 28) + 4);
	snprintf(m->client_name, sizeof(m->client_name), "web%u.hosting.example", from % 37);
	snprintf(m->client_address, sizeof(m->client_address), "192.0.2.%u", from % 37 + 1);
	snprintf(m->login, sizeof(m->login), "login%u", from);
	snprintf(m->helo, sizeof(m->helo), "web%u.hosting.example", from % 37);
	m->recipients = 1;
	if (!only_one && below(&seed, 10) == 0)
		m->recipients = 2 + below(&seed, below(&seed, 50) ? 8 : WORLD_RECIPIENTS_MAX - 1);
	m->long_id = below(&seed, 2);
	age = 60 + below(&seed, 4 * 86400);
	m->arrival_us = (now - age) * 1000000 + below(&seed, 1000000);
	m->next_retry = now + 3600 + below(&seed, 4000);
	m->body = 200 + below(&seed, 3000);
	m->seed = seed;
}

/* What the world answers to all but the large providers. */
static void plain_reason(uint64_t *seed, unsigned domain, struct world_recipient *out)
{
	const char *host = out->host;
	unsigned octet = domain % 250 + 1;

	switch (below(seed, 5)) {
	case 0:
		snprintf(out->reason, sizeof(out->reason),
		    "connect to %s[198.51.100.%u]:25: Connection timed out", host, octet);
		break;
	case 1:
		snprintf(out->reason, sizeof(out->reason),
		    "connect to %s[198.51.100.%u]:25: Connection refused", host, octet);
		break;
	case 2:
		snprintf(out->reason, sizeof(out->reason),
		    "host %s[198.51.100.%u] said: 450 4.2.0 Greylisted, please try again later (in "
		    "reply to RCPT TO command)",
		    host, octet);
		break;
	case 3:
		snprintf(out->reason, sizeof(out->reason),
		    "host %s[198.51.100.%u] said: 452 4.2.2 Mailbox full (in reply to RCPT TO "
		    "command)",
		    host, octet);
		break;
	default:
		snprintf(out->reason, sizeof(out->reason),
		    "Host or domain name not found. Name service error for name=dest%u.example "
		    "type=MX: Host not found, try again",
		    domain);
		break;
	}
	snprintf(out->dsn, sizeof(out->dsn), "4.%u.%u", strstr(out->reason, "said") ? 2u : 4u,
	    strstr(out->reason, "452") ? 2u : 0u);
}

void world_recipient(const struct world_message *m, unsigned r, struct world_recipient *out)
{
	uint64_t seed = m->seed + 7919 * (uint64_t)r;
	unsigned domain = domain_of(&seed);

	memset(out, 0, sizeof(*out));
	snprintf(out->address, sizeof(out->address), "user%llu@dest%u.example",
	    (unsigned long long)(draw(&seed) % 100000000), domain);
	snprintf(out->host, sizeof(out->host), "mx.dest%u.example", domain);
	if (below(&seed, 10) >= 4) {
		plain_reason(&seed, domain, out);
		return;
	}
	snprintf(out->dsn, sizeof(out->dsn), "4.7.28");
	snprintf(out->diagnostic, sizeof(out->diagnostic),
	    "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating "
	    "from your "
	    "SPF domain [sender%u.example]. To protect our users from spam, mail has been "
	    "temporarily rate "
	    "limited. For more information, go to "
	    "https://support.dest%u.example/mail/?p=Unsolicited "
	    "%016llx-%08llx.%u - gsmtp",
	    below(&seed, 200), domain, (unsigned long long)draw(&seed),
	    (unsigned long long)(draw(&seed) & 0xffffffff), below(&seed, 1000));
	snprintf(out->reason, sizeof(out->reason),
	    "host %s[198.51.100.%u] said: %s (in reply to end of DATA command)", out->host,
	    domain % 250 + 1, out->diagnostic);
}
