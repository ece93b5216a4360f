/* The demo's private Postfix: one temporary directory with configuration, queue, data and log;
 * started and stopped with Postfix's own command, never the machine's instance. */
#ifndef DEMO_INSTANCE_H
#define DEMO_INSTANCE_H

#include <stdbool.h>

#include "base/error.h"
#include "demo/network.h"

#define INSTANCE_PATH_MAX 128

struct instance {
	char dir[INSTANCE_PATH_MAX];	/* "" when there is none */
	char config[INSTANCE_PATH_MAX]; /* main.cf is in here */
	bool own_names; /* it has host names and a resolver of its own, see instance_start */
	bool jailed;	/* without those: a resolver alone, in Postfix's own chroot */
	bool started;
};

/* Refuses with a text that says why where the demo must not or cannot run: not root, no Postfix,
 * another mail server installed. Errors: not_root, no_postfix, other_mail_server. */
bool instance_check_machine(struct error *err);

/* Makes the directory and the configuration. `net` says where the world's hosts are. Errors:
 * io_error, no_postfix. */
bool instance_create(struct instance *in, const struct network *net, struct error *err);

/* Starts Postfix. Where the kernel allows, it runs in a mount namespace whose /etc/hosts,
 * nsswitch.conf and resolv.conf are the demo's, so that replies come from host names and no lookup
 * leaves loopback. Where it does not, as in many containers, hosts are shown by address, and the
 * one service that asks a name server runs in Postfix's own chroot, the queue directory, which has
 * a resolv.conf. Where that is forbidden too, its host refuses connections instead. Errors:
 * postfix_failed. */
bool instance_start(struct instance *in, struct error *err);

/* What this process, and what it becomes, reads of names and lookups is the demo's from here on, as
 * for Postfix; nothing changes where Postfix has no namespace. False where that fails. */
bool instance_enter_names(const struct instance *in);

/* Stops Postfix, when started, and removes the directory, when made. Safe at any moment, and twice.
 */
void instance_remove(struct instance *in);

#endif
