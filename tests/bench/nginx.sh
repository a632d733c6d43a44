# nginx.sh - the configurations of the two nginx of the bench. Source it.
#
#	nginx_upstream PORT ANSWER-FILE		one worker that answers ~700 bytes of JSON
#	nginx_proxy PORT TLS LOGGED UPSTREAM	two workers that proxy untouched

nginx_common() { # DIR
	[ "$(id -u)" = 0 ] && echo "user root;"
	cat <<-END
		daemon off;
		pid $1/pid;
		error_log $1/error.log;
		worker_rlimit_nofile 8192;
		events { worker_connections 2048; }
	END
}

nginx_http() { # DIR
	cat <<-END
		client_body_temp_path $1/body; proxy_temp_path $1/proxy;
		fastcgi_temp_path $1/fcgi; uwsgi_temp_path $1/uwsgi; scgi_temp_path $1/scgi;
		keepalive_requests 10000000; keepalive_timeout 75s; default_type application/json;
	END
}

nginx_upstream() { # DIR PORT PLAIN-ANSWER TOKEN-ANSWER
	mkdir -p "$1"
	{
		nginx_common "$1"
		echo "worker_processes 1;"
		echo "http {"
		nginx_http "$1"
		echo "access_log off;"
		echo "server { listen 127.0.0.1:$2 backlog=1024;"
		echo "location /tokens { return 200 '$(cat "$4")'; }"
		echo "location / { return 200 '$(cat "$3")'; } } }"
	} >"$1/nginx.conf"
}

nginx_proxy() { # DIR PLAIN-PORT TLS-PORT LOGGED-PLAIN-PORT LOGGED-TLS-PORT UPSTREAM-PORT CERT KEY
	mkdir -p "$1"
	local pass='proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";'
	local tls="ssl_certificate $7; ssl_certificate_key $8; ssl_protocols TLSv1.3; ssl_session_cache off;"
	{
		nginx_common "$1"
		echo "worker_processes 2;"
		echo "http {"
		nginx_http "$1"
		echo "upstream up { server 127.0.0.1:$6; keepalive 512; keepalive_requests 10000000; }"
		echo "server { listen 127.0.0.1:$2 backlog=1024 reuseport; access_log off; location / { $pass } }"
		echo "server { listen 127.0.0.1:$3 backlog=1024 reuseport ssl; $tls access_log off; location / { $pass } }"
		echo "server { listen 127.0.0.1:$4 backlog=1024; access_log $1/access.log; location / { $pass } }"
		echo "server { listen 127.0.0.1:$5 backlog=1024 ssl; $tls access_log $1/access.log; location / { $pass } }"
		echo "}"
	} >"$1/nginx.conf"
}
