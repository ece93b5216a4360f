/* The tables, and looking a host up. */
#include "demo/world.h"

#include <strings.h>

static const struct world_host hosts[] = {
    {"customer.example", "mx.customer.example", WORLD_ANSWERS},
    {"freemail.example", "mx1.freemail.example", WORLD_ANSWERS},
    {"bigmail.example", "inbound.bigmail.example", WORLD_ANSWERS},
    {"university.example", "mail.cs.university.example", WORLD_ANSWERS},
    {"clinic.example", "mx.clinic.example", WORLD_ANSWERS},
    {"partner.example", "gw.partner.example", WORLD_ANSWERS},
    {"hosting.example", "mail7.hosting.example", WORLD_ANSWERS},
    {"archive.example", "archive.example", WORLD_ANSWERS},
    {"shop.example", "mx.shop.example", WORLD_ANSWERS},
    {"b\xc3\xbc"
     "cher.example",
	"mx.xn--bcher-kva.example", WORLD_ANSWERS},
    {"former-customer.example", "mail.former-customer.example", WORLD_REFUSES},
    {"far-away.example", "mx.far-away.example", WORLD_DROPS},
    {"tired.example", "smtp.tired.example", WORLD_SILENT},
    {"bank.example", "mx.bank.example", WORLD_NO_TLS},
    {"insurance.example", "mx.insurance.example", WORLD_BAD_TLS},
    {"lost-zone.example", "mx.lost-zone.example", WORLD_NO_DNS},
};

/* The first rule of a host that applies wins. `share` counts from 0 each time: 40 and 75 are 40 and
 * then 35 of a hundred. */
static const struct world_rule rules[] = {
    {"freemail.example", WORLD_RCPT, 40, 0, 0, 0,
	"550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown in virtual mailbox table"},
    {"freemail.example", WORLD_RCPT, 75, 0, 0, 0,
	"452 4.2.2 The email account that you tried to reach is over quota. Please direct the "
	"recipient to "
	"https://support.freemail.example/quota {id} - fsmtp"},
    {"freemail.example", WORLD_RCPT, 85, 0, 0, 0,
	"450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents "
	"additional "
	"messages from being delivered. {id} - fsmtp"},
    {"bigmail.example", WORLD_MAIL, 70, 0, 0, 0,
	"421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from "
	"your IP address. "
	"To protect our users from spam, mail sent from your IP address has been temporarily rate "
	"limited. {id}"},
    {"bigmail.example", WORLD_END, 20, 0, 0, 0,
	"421 4.7.0 Try again later, closing connection. {id}"},
    {"university.example", WORLD_RCPT, 100, 240, 0, 0,
	"450 4.2.0 <{rcpt}>: Recipient address rejected: Greylisted, see "
	"https://greylist.university.example/help"},
    {"clinic.example", WORLD_RCPT, 80, 0, 0, 0, "451 4.3.0 <{rcpt}>: Temporary lookup failure"},
    {"partner.example", WORLD_RCPT, 100, 0, 0, 0,
	"450 4.7.1 Service unavailable; Client host [192.0.2.25] blocked using "
	"dnsbl.blocklist.example; "
	"see https://blocklist.example/lookup?q=192.0.2.25"},
    {"hosting.example", WORLD_END, 100, 0, 0, 0, "452 4.3.1 Insufficient system storage"},
    {"archive.example", WORLD_END, 100, 0, 120, 0, "250 2.0.0 Ok: archived as {id}"},
    {"shop.example", WORLD_RCPT, 100, 0, 0, 300,
	"450 4.3.2 <{rcpt}>: Recipient address rejected: Service unavailable, maintenance until "
	"further notice"},
    {"b\xc3\xbc"
     "cher.example",
	WORLD_RCPT, 100, 0, 0, 0, "451 4.4.2 <{rcpt}>: mailbox is being moved, try again later"},
};

const struct world_host *world_hosts(size_t *count)
{
	*count = sizeof(hosts) / sizeof(hosts[0]);
	return hosts;
}

const struct world_rule *world_rules(size_t *count)
{
	*count = sizeof(rules) / sizeof(rules[0]);
	return rules;
}

const struct world_host *world_find(const char *domain)
{
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (strcasecmp(hosts[i].domain, domain) == 0)
			return &hosts[i];
	return NULL;
}
