#!/bin/sh
# A private Postfix for tests that are not written in JavaScript: no network service, everything is
# deferred (port 9 of loopback, where nothing listens).
#
#   postfix.sh start DIR        DIR exists and is empty; DIR/config, DIR/spool, DIR/mail.log
#   postfix.sh inject DIR N     N messages; waits until they are deferred
#   postfix.sh stop DIR
set -eu
dir=$2

case $1 in
start)
	chmod 755 "$dir"
	mkdir "$dir/config" "$dir/spool" "$dir/data"
	chown postfix "$dir/data"
	cat > "$dir/config/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $dir/spool
		data_directory = $dir/data
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		myhostname = mail.test
		mydestination =
		alias_maps =
		alias_database =
		maillog_file = $dir/mail.log
		maillog_file_prefixes = $dir
		service_throttle_time = 1s
		smtp_dns_support_level = disabled
		smtp_host_lookup = native
		default_transport = smtp:[127.0.0.1]:9
	END
	cat > "$dir/config/master.cf" <<-END
		pickup unix n - n 60 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		flush unix n - n 1000? 0 flush
		proxymap unix - - n - - proxymap
		smtp unix - - n - - smtp
		showq unix n - n - - showq
		error unix - - n - - error
		retry unix - - n - - error
		discard unix - - n - - discard
		scache unix - - n - 1 scache
		anvil unix - - n - 1 anvil
		postlog unix-dgram n - n - 1 postlogd
	END
	# To Postfix a file that is newer than two seconds may still be changing: each program that reads it would wait.
	touch -d '-10 seconds' "$dir/config/main.cf" "$dir/config/master.cf"
	postfix -c "$dir/config" start > "$dir/start.log" 2>&1 || { cat "$dir/start.log" "$dir/mail.log" >&2; exit 1; }
	;;
inject)
	n=0
	while [ $n -lt "$3" ]; do
		n=$((n + 1))
		printf 'Subject: test %d\n\nhello %d\n' $n $n |
			sendmail -C "$dir/config" -f "sender$n@shop.example" "user$n@dest.example"
	done
	n=0
	until [ "$(find "$dir/spool/deferred" -type f | wc -l)" -ge "$3" ]; do
		n=$((n + 1))
		[ $n -lt 150 ] || { echo 'messages were not deferred' >&2; exit 1; }
		sleep 0.1
	done
	;;
stop)
	postfix -c "$dir/config" stop > "$dir/stop.log" 2>&1 || true
	;;
esac
