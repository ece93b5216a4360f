/* main.cf, master.cf and the maps are written from the tables of world.c and the place where the
 * instance lives. */
#include "demo/config_text.h"

/* What does not depend on this run. Backoff times and timeouts are shorter than Postfix's, so that
 * the queue is seen to move; the lifetimes are a relay's. */
static const char main_fixed[] = "compatibility_level = 3.6\n"
				 "inet_interfaces = 127.0.0.1\n"
				 "inet_protocols = ipv4\n"
				 "myhostname = mail.demo.example\n"
				 "mydestination =\n"
				 "mynetworks = 0.0.0.0/0\n"
				 "alias_maps =\n"
				 "alias_database =\n"
				 "local_recipient_maps =\n"
				 "notify_classes =\n"
				 "enable_long_queue_ids = yes\n"
				 "smtputf8_enable = yes\n"
				 "message_size_limit = 52428800\n"
				 "smtpd_relay_restrictions = permit_mynetworks, reject\n"
				 "smtpd_authorized_xclient_hosts = 127.0.0.1\n"
				 "smtpd_peername_lookup = no\n"
				 /* Without it smtpd passes over what is set for a login. */
				 "smtpd_sasl_auth_enable = yes\n"
				 "smtp_dns_support_level = disabled\n"
				 "smtp_host_lookup = native\n"
				 "smtp_connect_timeout = 8s\n"
				 "smtp_helo_timeout = 12s\n"
				 "queue_run_delay = 60s\n"
				 "minimal_backoff_time = 120s\n"
				 "maximal_backoff_time = 1800s\n"
				 "maximal_queue_lifetime = 3d\n"
				 "bounce_queue_lifetime = 1d\n";

void config_text_main(struct buffer *out, const struct instance *in, const struct network *net)
{
	buffer_append_string(out, main_fixed);
	buffer_printf(out, "queue_directory = %s/spool\n", in->dir);
	buffer_printf(out, "data_directory = %s/data\n", in->dir);
	/* A log of its own: the machine's mail log must not see any of it. */
	buffer_printf(out, "maillog_file = %s/mail.log\n", in->dir);
	buffer_printf(out, "maillog_file_prefixes = %s\n", in->dir);
	buffer_printf(out, "transport_maps = texthash:%s/transport\n", in->config);
	buffer_printf(out,
	    "smtpd_sender_restrictions = check_sender_access texthash:%s/sender_access\n",
	    in->config);
	/* Nothing else may ever leave: an address that is not in the table is refused by smtpd's
	 * router. */
	buffer_append_string(out, "default_transport = error:5.1.2 no such domain in this demo\n");
	buffer_append_string(out, "relay_transport = error:5.1.2 no such domain in this demo\n");
}

void config_text_master(struct buffer *out, const struct instance *in, const struct network *net)
{
	buffer_printf(out, "127.0.0.1:%u inet n - n - - smtpd\n", net->smtpd_port);
	buffer_append_string(out, "pickup unix n - n 60 1 pickup\n"
				  "cleanup unix n - n - 0 cleanup\n"
				  "qmgr unix n - n 300 1 qmgr\n"
				  "tlsmgr unix - - n 1000? 1 tlsmgr\n"
				  "rewrite unix - - n - - trivial-rewrite\n"
				  "bounce unix - - n - 0 bounce\n"
				  "defer unix - - n - 0 bounce\n"
				  "trace unix - - n - 0 bounce\n"
				  "verify unix - - n - 1 verify\n"
				  "flush unix n - n 1000? 0 flush\n"
				  "proxymap unix - - n - - proxymap\n"
				  "smtp unix - - n - - smtp\n"
				  "smtp-tls unix - - n - - smtp\n"
				  "  -o smtp_tls_security_level=encrypt\n"
				  "smtp-dns unix - - ");
	/* Where Postfix may have no mount namespace, a chroot gives this one service the demo's
	 * resolv.conf. */
	buffer_append_string(out, in->jailed ? "y" : "n");
	buffer_append_string(out, " - - smtp\n"
				  "  -o smtp_dns_support_level=enabled -o smtp_host_lookup=dns\n"
				  "showq unix n - n - - showq\n"
				  "error unix - - n - - error\n"
				  "retry unix - - n - - error\n"
				  "local unix - n n - - local\n"
				  "anvil unix - - n - 1 anvil\n"
				  "scache unix - - n - 1 scache\n"
				  "postlog unix-dgram n - n - 1 postlogd\n");
}

static void append_host(struct buffer *out, const struct instance *in, const struct network *net,
    const struct world_host *host)
{
	char address[INET_ADDRSTRLEN];

	network_address(net, host, address);
	buffer_printf(out, "[%s]:%u\n", in->own_names ? host->name : address, net->mail_port);
}

void config_text_transport(struct buffer *out, const struct instance *in, const struct network *net)
{
	size_t count;
	const struct world_host *hosts = world_hosts(&count);

	for (size_t i = 0; i < count; i++) {
		buffer_printf(out, "%s ", hosts[i].domain);
		/* Only with a resolv.conf of the demo's own: the machine's resolver must not be
		 * asked for made-up names. */
		if (hosts[i].kind == WORLD_NO_DNS && (in->own_names || in->jailed)) {
			buffer_append_string(out, "smtp-dns:\n");
		} else {
			/* Both need a client that insists on TLS: one has none, the other offers it
			 * and fails. */
			bool tls = hosts[i].kind == WORLD_NO_TLS || hosts[i].kind == WORLD_BAD_TLS;
			buffer_append_string(out, tls ? "smtp-tls:" : "smtp:");
			append_host(out, in, net, &hosts[i]);
		}
	}
}

void config_text_sender_access(
    struct buffer *out, const struct instance *in, const struct network *net)
{
	buffer_append_string(
	    out, CONFIG_TEXT_HELD_SENDER " HOLD unusual volume, waiting for a look\n");
}

void config_text_hosts(struct buffer *out, const struct instance *in, const struct network *net)
{
	size_t count;
	const struct world_host *hosts = world_hosts(&count);

	buffer_append_string(out, "127.0.0.1 localhost mail.demo.example\n");
	for (size_t i = 0; i < count; i++) {
		char address[INET_ADDRSTRLEN];
		network_address(net, &hosts[i], address);
		if (hosts[i].kind != WORLD_NO_DNS)
			buffer_printf(out, "%s %s\n", address, hosts[i].name);
	}
}

void config_text_nsswitch(struct buffer *out, const struct instance *in, const struct network *net)
{
	buffer_append_string(out, "passwd: files\ngroup: files\nshadow: files\nhosts: "
				  "files\nservices: files\nprotocols: files\n");
}

/* Nobody answers there, on loopback: every lookup fails at once, and asks to be tried again. */
void config_text_resolv(struct buffer *out, const struct instance *in, const struct network *net)
{
	buffer_printf(out, "nameserver 127.%u.0.53\noptions timeout:1 attempts:1\n", net->block);
}
