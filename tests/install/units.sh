#!/bin/bash
# The units of an installed Postroom, tried inside of a booted system with systemd and Postfix, as root. It prints TAP and
# ends with 1 when something is not so. It changes that machine's Postfix: for a machine that is thrown away.
#
#   tests/install/units.sh [INSTANCE]    also a second Postfix and a second Postroom of that name
set -u
instance=${1:-}
count=0
failed=0

say() { # ok?, what
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
	fi
}

# Tries a command for a minute until it succeeds, as everything here takes its time.
try() { # what, command...
	local what=$1 end=$((SECONDS + 60)) last=
	shift
	while ! last=$("$@" 2>&1); do
		if [ $SECONDS -ge $end ]; then
			echo "# $*: $last"
			say 1 "$what"
			return 1
		fi
		sleep 0.1
	done
	say 0 "$what"
}

# Once only: it must be so now.
now() { # what, command...
	local what=$1 last
	shift
	if last=$("$@" 2>&1); then
		say 0 "$what"
	else
		echo "# $*: $last"
		say 1 "$what"
	fi
}

is() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }
inject() { # sends one message that cannot be delivered
	printf 'Subject: one\n\nx\n' | sendmail -f sender@ours.example "$1@dest.example"
}
ids() { # of the queue, by Postfix: [queue [config directory]]
	postqueue ${2:+-c "$2"} -j | sed -n "s/^{\"queue_name\": \"${1:-deferred}\", \"queue_id\": \"\([^\"]*\)\".*/\1/p"
}
main_pid() { systemctl show -p MainPID --value "$1"; }
role_pid() { pgrep -f "^postroom-$1 $1 " | head -1; }
helpers() { pgrep -cf '^postroom-helper helper ' || true; }
answers() { curl -fsS -o /dev/null --max-time 5 "http://127.0.0.1:8025$1"; }
outcome() { postroom jobs --json --limit 1 | grep -q "\"state\": *\"$1\""; }
queue_is() { is "$(ids "$1" "${2:-}" | wc -l)" "$3"; }
listed() { is "$(postroom list "$1" --count 2>/dev/null | tr -dc 0-9)" "$2"; }
replaced() { # role, the pid that it had
	local pid
	pid=$(role_pid "$1")
	[ -n "$pid" ] && [ "$pid" != "$2" ]
}
journal_has() { journalctl -q --no-pager "$@" | grep -q .; }

# ---- a queue ----

postconf -e 'relayhost = [127.0.0.1]:9' 'default_transport = smtp' 'myhostname = host.ours.example' 'mydestination =' 'minimal_backoff_time = 1h' 'maximal_backoff_time = 2h'
postfix reload >/dev/null 2>&1 || postfix start >/dev/null 2>&1
for name in anna bert cleo dora emil; do inject $name; done
try 'Postfix has five deferred messages' queue_is deferred '' 5

# ---- the service ----

now 'the service starts' systemctl restart postroom
now 'it is ready when systemd says so' answers /livez
try 'the queue is shown as it is now' answers /readyz
try 'it lists five messages' listed queue:deferred 5
is "$(helpers)" 1
say $? 'one helper, in a unit of its own'
now 'the helper is in no control group of the service' sh -c "! systemctl status postroom | grep -q 'postroom-helper helper'"

# ---- what needs the helper ----

one=$(ids deferred | head -1)
now 'hold' postroom hold "$one" --yes
now 'the message is on hold' queue_is hold '' 1
try 'the journal finds it by its queue ID' journal_has "QUEUE_ID=$one"
try 'the journal has its job' journal_has JOB=1
now 'release' postroom release "$one" --yes
try 'it is no longer on hold' queue_is hold '' 0
now 'show, with a viewer' sh -c "curl -fsS -H 'Keep-Alive: postroom' --unix-socket /run/postroom/postroom.sock http://localhost/api/v1/messages/$one/content | grep -q headers"
now 'a setting is written' postroom settings bounce_queue_lifetime=4d --yes
is "$(postconf -h bounce_queue_lifetime)" 4d
say $? 'main.cf has it'
now 'pauses are set up' postroom pause setup --yes
now 'a domain is paused' postroom pause domain dest.example --until 1h --reason test --yes
now 'Postfix reads the pause' sh -c 'postmap -q dest.example $(postconf -h transport_maps | tr -s ", " "\n" | grep -m1 postroom) | grep -q .'
now 'the pause ends' sh -c 'postroom resume $(postroom pauses --json | sed -n "s/.*\"id\": *\([0-9]*\).*/\1/p" | head -1) --yes'
two=$(ids deferred | tail -1)
now 'a delete with a grace time' postroom delete "$two" --undo 1h --yes --no-wait
try 'it is in its grace time' outcome grace
now 'is undone' sh -c 'postroom jobs undo $(postroom jobs --json --limit 1 | sed -n "s/.*\"id\": *\([0-9]*\).*/\1/p" | head -1) --yes'
try 'the message is back' sh -c "postqueue -j | grep -q '\"deferred\", \"queue_id\": \"$two\"'"

# ---- processes that die ----

for role in helper reader logreader server notifier; do
	pid=$(role_pid $role)
	kill -9 "$pid"
	try "another $role after a kill" replaced $role "$pid"
	try "and the queue is current again" answers /readyz
done
pid=$(role_pid helper)
kill -STOP "$pid"
try 'another helper when one hangs' replaced helper "$pid"
try 'and the queue is current again' answers /readyz
pid=$(role_pid helper)
kill -TERM "$pid"
sleep 0.5
is "$(role_pid helper)" "$pid"
say $? 'SIGTERM does not end the helper'
pid=$(main_pid postroom)
kill -9 "$pid"
try 'systemd starts another supervisor' sh -c "[ \"\$(systemctl show -p MainPID --value postroom)\" != $pid ] && curl -fsS --max-time 5 http://127.0.0.1:8025/readyz"
try 'with one helper' sh -c "[ \"\$(pgrep -cf '^postroom-helper helper ')\" = 1 ]"

# ---- a running command of Postfix is not cut off ----

tool=$(postconf -h command_directory)/postsuper
mv "$tool" "$tool.real"
cat >"$tool" <<-END
	#!/bin/sh
	case " \$* " in *" -h "*) sleep 3 ;; esac
	"$tool.real" "\$@"
	status=\$?
	echo done >>/var/lib/postsuper-done
	exit \$status
END
chmod 755 "$tool"
rm -f /var/lib/postsuper-done
three=$(ids deferred | head -1)
postroom hold "$three" --yes --no-wait >/dev/null
try 'a command runs' pgrep -f "^/bin/sh $tool .*-h"
now 'the service stops meanwhile' systemctl stop postroom
try 'the command ran to its end' test -s /var/lib/postsuper-done
rm -f /var/lib/postsuper-done
now 'the message is on hold' queue_is hold '' 1
try 'no helper is left' sh -c "! pgrep -f '^postroom-helper helper '"
systemctl start postroom
try 'the job ends as done' outcome done
four=$(ids deferred | head -1)
postroom hold "$four" --yes --no-wait >/dev/null
try 'another command runs' pgrep -f "^/bin/sh $tool .*-h"
kill -9 "$(role_pid helper)" "$(main_pid postroom)"
try 'it survives helper and supervisor' test -s /var/lib/postsuper-done
mv "$tool.real" "$tool"
rm -f /var/lib/postsuper-done
try 'the service is back' answers /readyz
try 'and the job ended' outcome done
now 'two messages are on hold' queue_is hold '' 2
postroom release "$three" "$four" --yes >/dev/null

# ---- reload and restart ----

now 'reload' systemctl reload postroom
try 'it says what it has' sh -c 'systemctl show -p StatusText --value postroom | grep -qx Serving'
sed -i 's/^\[http\]$/[http]\nlisten = 127.0.0.1:8099/' /etc/postroom/postroom.conf
systemctl reload postroom
try 'a key that needs a restart is named' sh -c 'systemctl show -p StatusText --value postroom | grep -q "a restart is needed for http.listen"'
now 'restart for it' systemctl restart postroom
now 'the new address is served' curl -fsS -o /dev/null --max-time 5 http://127.0.0.1:8099/livez
now 'the former one is closed' sh -c 'curl -s --max-time 5 http://127.0.0.1:8025/livez; [ $? = 7 ]'
sed -i '/^listen = 127.0.0.1:8099$/d' /etc/postroom/postroom.conf
systemctl restart postroom
sed -i 's/^\[http\]$/[http]\nno_such_key = 1/' /etc/postroom/postroom.conf
now 'a wrong configuration fails the reload' sh -c '! systemctl reload postroom 2>/dev/null'
now 'and the service goes on' answers /livez
sed -i '/^no_such_key = 1$/d' /etc/postroom/postroom.conf
# Nobody is refused: each request waits for its answer, from the one before or the one after.
rm -f /tmp/refused /tmp/stop-asking
(
	until [ -e /tmp/stop-asking ]; do
		curl -s -o /dev/null --max-time 20 http://127.0.0.1:8025/livez
		[ $? != 7 ] || echo refused >>/tmp/refused
		curl -s -o /dev/null --max-time 20 --unix-socket /run/postroom/postroom.sock http://localhost/livez
		[ $? != 7 ] || echo refused >>/tmp/refused
	done
) &
asking=$!
now 'restart' systemctl restart postroom
now 'restart again' systemctl restart postroom
kill -9 "$(main_pid postroom)"
try 'and a crash' sh -c 'systemctl is-active -q postroom && curl -fsS --max-time 5 http://127.0.0.1:8025/readyz'
touch /tmp/stop-asking
wait $asking
now 'no connection was refused' test ! -e /tmp/refused

systemctl restart systemd-journald
five=$(ids deferred | head -1)
postroom hold "$five" --yes >/dev/null
try 'a journal that was restarted has fields too' journal_has "QUEUE_ID=$five" --since=-20s
postroom release "$five" --yes >/dev/null

# ---- an upgrade beneath it ----

pid=$(main_pid postroom)
program=$(readlink "/proc/$pid/exe" | sed 's/supervisor$/helper/')
cp -p "$program" "$program.new" && mv "$program.new" "$program"
now 'nothing happens by itself' answers /readyz
kill -9 "$(role_pid helper)"
try 'a helper of another build is not used: all are started anew' sh -c "[ \"\$(systemctl show -p MainPID --value postroom)\" != $pid ] && curl -fsS --max-time 5 http://127.0.0.1:8025/readyz"
try 'the journal says why' journal_has -u postroom --grep 'it belongs to another build'

# ---- a socket that the administrator made ----

printf '[Socket]\nListenStream=127.0.0.1:81\n' >/etc/systemd/system/postroom.socket
sed -i 's/^\[http\]$/[http]\nlisten = 127.0.0.1:81/' /etc/postroom/postroom.conf
systemctl daemon-reload
systemctl stop postroom
now 'a socket unit for a port below 1024' systemctl start postroom.socket
now 'a connection starts the service' curl -fsS -o /dev/null --max-time 30 http://127.0.0.1:81/livez
systemctl stop postroom.socket postroom
rm /etc/systemd/system/postroom.socket
sed -i '/^listen = 127.0.0.1:81$/d' /etc/postroom/postroom.conf
systemctl daemon-reload
systemctl start postroom

# ---- instances ----

if [ -n "$instance" ]; then
	postmulti -e init
	postmulti -I "postfix-$instance" -e create
	postconf -c "/etc/postfix-$instance" -e 'relayhost = [127.0.0.1]:9' 'mydestination =' 'master_service_disable =' 'inet_interfaces = loopback-only' "myhostname = $instance.ours.example"
	sed -i 's/^smtp  *inet/10025 inet/' "/etc/postfix-$instance/master.cf"
	postmulti -i "postfix-$instance" -e enable
	postmulti -i "postfix-$instance" -p start
	postconf -c "/etc/postfix-$instance" -e 'authorized_submit_users = static:anyone'
	printf 'Subject: other\n\nx\n' | sendmail -C "/etc/postfix-$instance" -f sender@ours.example other@else.example
	try 'another Postfix has a message' queue_is deferred "/etc/postfix-$instance" 1
	printf '[http]\nlisten = 127.0.0.1:8026\nsocket = /run/postroom/%s/postroom.sock\n[postfix]\nconfig_directory = /etc/postfix-%s\n[store]\npath = /var/lib/postroom/%s/postroom.db\n' \
		"$instance" "$instance" "$instance" >"/etc/postroom/$instance.conf"
	mkdir -p /etc/systemd/system/postroom-helper@.service.d
	printf '[Service]\nReadWritePaths=-/etc/postfix-%s\n' "$instance" >/etc/systemd/system/postroom-helper@.service.d/paths.conf
	systemctl daemon-reload
	systemctl restart postroom
	now 'a second instance starts' systemctl start "postroom@$instance"
	is "$(stat -c '%U %a' "/var/lib/postroom/$instance")" 'postroom 700'
	say $? 'with a directory of its own'
	try 'it has the queue of its own Postfix' sh -c "postroom list --config /etc/postroom/$instance.conf | grep -q other@else.example"
	is "$(helpers)" 2
	say $? 'each has a helper'
	now 'it writes the main.cf of its own' postroom settings --config "/etc/postroom/$instance.conf" bounce_queue_lifetime=3d --yes
	is "$(postconf -c "/etc/postfix-$instance" -h bounce_queue_lifetime) $(postconf -h bounce_queue_lifetime)" '3d 4d'
	say $? 'and no other'
	now 'it holds' sh -c "postroom hold --config /etc/postroom/$instance.conf --all --yes"
	now 'its own message' queue_is hold "/etc/postfix-$instance" 1
	now 'and no other' queue_is hold '' 0
	now 'the first one stops' systemctl stop postroom
	now 'the second goes on' curl -fsS -o /dev/null --unix-socket "/run/postroom/$instance/postroom.sock" http://localhost/readyz
	systemctl start postroom
	now 'the second one stops' systemctl stop "postroom@$instance"
	now 'its directory in /run is gone' test ! -e "/run/postroom/$instance"
	try 'the first goes on' answers /readyz
fi

# ---- the end ----

now 'the service stops' systemctl stop postroom
try 'no process of it is left' sh -c "! pgrep -f '^postroom-'"
try 'nor the socket of its helper' sh -c '! systemctl is-active -q postroom-helper.socket'
try 'and no unit failed' sh -c "systemctl --failed --plain --no-legend | grep postroom && exit 1 || exit 0"
echo "1..$count"
exit $failed
