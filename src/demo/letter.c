/* A letter follows from its number alone: sender, recipients, and the special ones that a queue
 * needs to be lifelike. */
#include "demo/letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "demo/config_text.h"
#include "demo/letter_body.h"

static const struct letter_sender senders[] = {
    {"orders@shop.example", "Shop orders", "web1.shop.example", "192.0.2.10", "web1.shop.example",
	"shop"},
    {"no-reply@shop.example", "Shop", "web2.shop.example", "192.0.2.11", "web2.shop.example",
	"shop"},
    {"alerts@monitoring.example", "Monitoring", "probe3.monitoring.example", "198.51.100.33",
	"probe3", NULL},
    {"accounts@billing.example", "Billing", "erp.billing.example", "203.0.113.20",
	"erp.billing.example", "erp"},
    {"reception@office.example", "Reception", "desk-14.office.example", "192.0.2.114",
	"[192.0.2.114]", "reception"},
    {"support@office.example", "Support desk", "desk-2.office.example", "192.0.2.102",
	"[192.0.2.102]", "support"},
    {"lists@community.example", "Community list", "lists.community.example", "203.0.113.77",
	"lists.community.example", NULL},
    {"info@office.example", "Office", "desk-1.office.example", "192.0.2.101", "[192.0.2.101]",
	"info"},
};
static const struct letter_sender newsletter = {"newsletter@letters.example", "The Weekly Letter",
    "bulk.letters.example", "198.51.100.9", "bulk.letters.example", "newsletter"};
static const struct letter_sender campaign = {
    CONFIG_TEXT_HELD_SENDER, "Flash sale", "unknown", "198.51.100.201", "WIN-4QK", "reception"};
static const struct letter_sender thief = {
    "info@office.example", "Office", "unknown", "203.0.113.77", "localhost", "info"};
static const struct letter_sender bookseller = {"best\xc3\xa4tigung@shop.example",
    "B\xc3\xbc"
    "cherladen",
    "web1.shop.example", "192.0.2.10", "web1.shop.example", "shop"};

/* Where the first queue's mail goes, and how often; the rest of a hundred goes to freemail.example.
 */
static const struct {
	const char *domain;
	unsigned share;
} first_domains[] = {
    {"bigmail.example", 20},
    {"former-customer.example", 9},
    {"university.example", 8},
    {"clinic.example", 6},
    {"partner.example", 6},
    {"hosting.example", 5},
    {"far-away.example", 4},
    {"bank.example", 4},
    {"insurance.example", 3},
    {"lost-zone.example", 3},
    {"tired.example", 2},
    {"customer.example", 4},
};

static const char *const mailboxes[] = {"info", "office", "accounts", "sales", "orders", "lab",
    "library", "helpdesk", "press", "team", "reception", "board", "archive", "member", "customer",
    "subscriber"};

/* Numbers from 100 to 999 behind the name, so that recipients are many and look alike. */
static void address(char out[LETTER_ADDRESS_MAX], uint64_t random, const char *domain)
{
	const char *mailbox = mailboxes[random % (sizeof(mailboxes) / sizeof(mailboxes[0]))];

	snprintf(
	    out, LETTER_ADDRESS_MAX, "%s%" PRIu64 "@%s", mailbox, random / 31 % 900 + 100, domain);
}

static void add_recipient(struct letter *l, uint64_t random, const char *domain)
{
	address(l->recipients[l->recipient_count++], random, domain);
}

static const char *first_domain(uint64_t random)
{
	unsigned at = (unsigned)(random % 100);

	for (size_t i = 0; i < sizeof(first_domains) / sizeof(first_domains[0]); i++) {
		if (at < first_domains[i].share)
			return first_domains[i].domain;
		at -= first_domains[i].share;
	}
	return "freemail.example";
}

/* One newsletter to readers everywhere: every kind of answer in one message. */
static void many_recipients(struct letter *l, uint64_t random)
{
	size_t count;
	const struct world_host *hosts = world_hosts(&count);

	l->sender = &newsletter;
	for (size_t i = 0; i < LETTER_RECIPIENTS_MAX - 4; i++) {
		const struct world_host *host = &hosts[i % count];
		const char *domain = host->domain;
		/* The slow one would keep the whole letter active, and the others must not need
		 * SMTPUTF8. */
		if (strcmp(domain, "archive.example") == 0 || (unsigned char)domain[1] > 127)
			domain = "freemail.example";
		add_recipient(l, hash_u64(random + i), domain);
	}
}

static void special(struct letter *l, unsigned number, uint64_t random)
{
	switch (number % 8) {
	case 0:
		many_recipients(l, random);
		break;
	case 1:
	case 2:
		l->sender = &campaign;
		add_recipient(l, random, "freemail.example");
		add_recipient(l, random >> 7, "bigmail.example");
		break;
	case 3:
		l->sender = &bookseller;
		l->utf8 = true;
		snprintf(l->recipients[l->recipient_count++], LETTER_ADDRESS_MAX,
		    "leser%u@b\xc3\xbc"
		    "cher.example",
		    number);
		break;
	case 4:
		l->sender = &senders[3];
		add_recipient(l, random, "archive.example");
		break;
	default:
		l->sender = &newsletter;
		add_recipient(l, random, first_domain(random));
	}
}

/* One in ten has a second recipient. */
static void ordinary(struct letter *l, uint64_t random, bool trickle)
{
	l->sender = &senders[random / 101 % (sizeof(senders) / sizeof(senders[0]))];
	/* What trickles in is mostly delivered, so that the queue stays about as long as it is. */
	if (trickle && random / 7 % 100 < 75)
		add_recipient(
		    l, random, random % 3 == 0 ? "university.example" : "customer.example");
	else
		add_recipient(l, random, first_domain(random));
	if (random / 13 % 10 == 0)
		add_recipient(l, random >> 9, first_domain(random >> 9));
}

void letter_make(struct letter *l, unsigned number, int64_t now)
{
	/* Not random: the same number always gives the same letter. */
	uint64_t random = hash_u64(number + 1);

	memset(l, 0, sizeof(*l));
	/* A special one now and then, and later on the slow one only, so that something is always
	 * active. */
	if (number < LETTER_FIRST_COUNT && number % 5 == 0)
		special(l, number / 5, random);
	else if (number >= LETTER_FIRST_COUNT && number % 20 == 0)
		special(l, 4, random);
	else
		ordinary(l, random, number >= LETTER_FIRST_COUNT);
	letter_body_write(l, number, now);
}

void letter_make_to(struct letter *l, unsigned number, const char *domain, int64_t now)
{
	uint64_t random = hash_u64(number + 1);

	memset(l, 0, sizeof(*l));
	l->sender = &senders[random / 101 % (sizeof(senders) / sizeof(senders[0]))];
	add_recipient(l, random, domain);
	letter_body_write(l, number, now);
}

void letter_make_newsletter(struct letter *l, unsigned number, const char *domain, int64_t now)
{
	memset(l, 0, sizeof(*l));
	l->sender = &newsletter;
	add_recipient(l, hash_u64(number + 1), domain);
	letter_body_write(l, number, now);
}

#define FLOOD_RECIPIENTS 10

void letter_make_flood(struct letter *l, unsigned number, int64_t now)
{
	memset(l, 0, sizeof(*l));
	l->sender = &thief;
	for (unsigned i = 0; i < FLOOD_RECIPIENTS; i++) {
		uint64_t random = hash_u64(((uint64_t)number << 8) + i + 7);

		add_recipient(l, random, random % 5 < 2 ? "bigmail.example" : "freemail.example");
	}
	letter_body_write(l, number, now);
}

void letter_free(struct letter *l)
{
	buffer_free(&l->message);
}
