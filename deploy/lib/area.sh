# An area on one machine: where its files are, how it is made, started and stopped. Sourced by deploy/area and
# deploy/quickstart; expects base.sh, and `root` to be the repository's folder.
#
#   DIR/settings    port_base; made=yes when creation was finished; moving_to while a move to other ports is under way
#   DIR/area        mashctl's: keys of root and registrar, signed documents, invites
#   DIR/broker      broker.toml, store, admin socket
#   DIR/agents/HOST agent.toml, keys, stores, intake/ accepted/ rejected/ handover/ api.json people/ accounts/
#   DIR/run         pids, lock      DIR/log    what each program said
# shellcheck disable=SC2034,SC2154
# shellcheck shell=bash

area_name=worcestershire
hosts=(police health schools social-care hub)
default_port_base=7400
open_files=16384

program_of() {
    case "$1" in
        broker) echo mash-broker ;;
        schools) echo mash-school ;;
        *) echo "mash-$1" ;;
    esac
}
folder_of() { if [ "$1" = broker ]; then echo "$dir/broker"; else echo "$dir/agents/$1"; fi; }

# Offsets from the port base: broker 0, its metrics 1, agents from 11 in the order of `hosts`.
port_of() {
    local i
    case "$1" in
        broker) echo "$port_base"; return ;;
        metrics) echo $((port_base + 1)); return ;;
    esac
    for i in "${!hosts[@]}"; do
        [ "${hosts[i]}" != "$1" ] || echo $((port_base + 11 + i))
    done
}
all_ports() {
    local host
    port_of broker
    port_of metrics
    for host in "${hosts[@]}"; do port_of "$host"; done
}

# find_programs: sets `bin` to MASH_BIN, or to the newest build that has every program.
find_programs() {
    local name broker
    bin=${MASH_BIN:-}
    if [ -z "$bin" ]; then
        broker=$(ls -t "$root"/build/*/bin/mash-broker 2>/dev/null | head -n 1 || true)
        [ -n "$broker" ] || fail "the programs are not built" "build and try them with: ./deploy/quickstart" "or name the folder that holds them: MASH_BIN=/usr/lib/mash deploy/$program_name ..."
        bin=$(dirname "$broker")
    fi
    for name in mashctl mash-broker $(for host in "${hosts[@]}"; do program_of "$host"; done); do
        [ -x "$bin/$name" ] || fail "$bin has no $name" "build the programs with: ./deploy/quickstart" "or name the folder that holds them with MASH_BIN"
    done
}

setting() { [ ! -f "$dir/settings" ] || sed -n "s/^$1=//p" "$dir/settings" | tail -n 1; }
set_setting() {
    local rest
    rest=$(grep -v "^$1=" "$dir/settings" 2>/dev/null || true)
    printf '%s%s=%s\n' "${rest:+$rest$'\n'}" "$1" "$2" >"$dir/settings.new"
    mv "$dir/settings.new" "$dir/settings"
}

# use_folder DIR: makes it absolute, refuses a folder of somebody else.
use_folder() {
    dir=$(realpath -m -- "$1")
    if [ -e "$dir" ] && [ ! -d "$dir" ]; then fail "$dir is a file" "name a folder for the area"; fi
    if [ -d "$dir" ] && [ ! -f "$dir/settings" ] && [ ! -f "$dir/run/lock" ] && [ -n "$(ls -A "$dir")" ]; then
        fail "$dir holds something else than an area" "name an empty folder, or one that deploy/area made"
    fi
}
lock_folder() {
    mkdir -p "$dir/run"
    exec 9>"$dir/run/lock"
    flock -n 9 || fail "another deploy/area or deploy/quickstart is at work on $dir" "wait until it is done, then try again"
}

# ---------------------------------------------------------------------------------------------------------------------
# Processes. A pid is believed only while /proc shows our program with our folder under it.

pid_of() {
    local pid program
    pid=$(cat "$dir/run/$1.pid" 2>/dev/null || true)
    program=$(program_of "$1")
    [[ $pid =~ ^[1-9][0-9]*$ ]] || return 1
    tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" |
        awk -v program="$program" -v folder="$(folder_of "$1")" '
            NR == 1 { n = split($0, part, "/"); ours = (part[n] == program) }
            previous == "--dir" && $0 == folder { here = 1 }
            { previous = $0 }
            END { exit !(ours && here) }' || return 1
    echo "$pid"
}
is_running() { pid_of "$1" >/dev/null; }
has_stopped() { ! is_running "$1"; }

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_program() {
    local name=$1 program
    program=$(program_of "$name")
    is_running "$name" && return 0
    mkdir -p "$dir/log"
    : >"$dir/log/$name.out"
    (
        exec 9>&-
        ulimit -n "$open_files" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
        umask 077
        exec setsid "$bin/$program" run --dir "$(folder_of "$name")" </dev/null >>"$dir/log/$name.out" 2>>"$dir/log/$name.log"
    ) &
    echo $! >"$dir/run/$name.pid"
}

# 0 ready, 1 not yet, and it stops here with the program's own words when the program ended.
is_ready() {
    grep -q 'is ready' "$dir/log/$1.out" 2>/dev/null && is_running "$1" && return 0
    # Between fork and exec the process still shows our shell, so it counts as gone only when nothing bears the pid.
    if ! kill -0 "$(cat "$dir/run/$1.pid")" 2>/dev/null; then
        fail "$(program_of "$1") stopped at once. It said:" "$(tail -n 3 "$dir/log/$1.log")"
    fi
    return 1
}
wait_ready() {
    wait_until 60 is_ready "$1" || fail "$(program_of "$1") is not ready after 60 seconds" "look at $dir/log/$1.log"
}

stop_program() {
    local name=$1 pid
    if pid=$(pid_of "$name"); then
        kill -TERM "$pid" 2>/dev/null || true
        if ! wait_until 20 has_stopped "$name"; then
            echo "   $(program_of "$name") did not stop in 20 seconds: it is killed. Nothing that it accepted is lost." >&2
            pid=$(pid_of "$name") && kill -KILL "$pid" 2>/dev/null
            wait_until 5 has_stopped "$name" || fail "process $pid of $(program_of "$name") cannot be ended"
        fi
    fi
    rm -f "$dir/run/$name.pid"
}

# ---------------------------------------------------------------------------------------------------------------------
# The local interface of an agent.

agent_url() { jq -r .url "$dir/agents/$1/api.json"; }

# call HOST TOKEN METHOD PATH [BODY-FILE]: prints the answer; 1 when it is not 2xx. The token goes by a pipe, never by the
# command line, which other users can read.
call() {
    local url body=()
    url=$(agent_url "$1") || return 1
    [ -z "${5:-}" ] || body=(--data-binary "@$5" -H 'Content-Type: application/json')
    curl -sS --noproxy '*' --max-time 30 --fail-with-body -X "$3" "${body[@]}" \
        -K <(printf 'header = "Authorization: Bearer %s"\n' "$2") "$url$4"
}
service_token() { jq -r .service_token "$dir/agents/$1/api.json"; }
person_token() { jq -r .token "$dir/agents/$1/people/$2.json"; }
agent_status() { call "$1" "$(service_token "$1")" GET /api/v1/status 2>/dev/null; }
is_linked() { agent_status "$1" | jq -e '.link == "open" and .documents.fresh == true' >/dev/null 2>&1; }

admin_socket() { sed -n 's/^admin_socket *= *"\(.*\)"/\1/p' "$dir/broker/broker.toml" | sed "s|^[^/]|$dir/broker/&|"; }

# ---------------------------------------------------------------------------------------------------------------------
# Making an area. Every step may be repeated, so that a creation that was interrupted goes on where it stopped.

ctl() { "$bin/mashctl" "$@" >>"$dir/log/setup.log" 2>&1; }
ctl_or_fail() {
    local what=$1
    shift
    ctl "$@" || fail "could not $what. mashctl said:" "$(tail -n 5 "$dir/log/setup.log")"
}

demo_policy() {
    local today until
    today=$(date -u +%F)
    mkdir -p "$dir/policy"
    cp "$root/deploy/policy/catalogue.toml" "$dir/policy/catalogue.toml"
    sed 's/^schools_hear_of_missing_episodes = false/schools_hear_of_missing_episodes = true/' \
        "$root/deploy/policy/policy.toml" >"$dir/policy/policy.toml"
    grep -q '^schools_hear_of_missing_episodes = true' "$dir/policy/policy.toml" ||
        fail "deploy/policy/policy.toml has no line schools_hear_of_missing_episodes = ..." "the demonstration switches it on"
    until=$(sed -n 's/^expires = \([0-9-]*\).*/\1/p' "$dir/policy/policy.toml")
    if [[ $today < $(sed -n 's/^valid_from = \([0-9-]*\).*/\1/p' "$dir/policy/policy.toml") || $today > $until ]]; then
        echo "   the policy is not in force today: the demonstration's copy is dated from today"
        sed -i -e "s/^valid_from = .*/valid_from = $today/" -e "s/^expires = .*/expires = $(date -u -d '+1 year' +%F)/" "$dir/policy/policy.toml"
    fi
}

write_broker_toml() {
    local socket=$dir/broker/admin.sock
    # The kernel takes 107 bytes for the address of a local socket.
    if [ ${#socket} -gt 100 ]; then
        socket=$(setting socket_folder)
        if [ ! -d "${socket:-/nowhere}" ]; then
            socket=$(mktemp -d /tmp/mash-area.XXXXXX)
            set_setting socket_folder "$socket"
        fi
        socket=$socket/admin.sock
    else
        socket=admin.sock
    fi
    cat >"$dir/broker/broker.toml" <<TOML
# The broker's own machine. Who may share what is in the signed documents, not here.

# Signed registry, policy, catalogue and freshness; read again whenever a file changes.
documents = "../area/documents"

# The area's root key, by which everything signed is judged.
trust_anchor = "../area/area.json"

key = "../area/broker/broker.key"
store = "broker.sqlite"
admin_socket = "$socket"

# Where agents connect.
endpoints = ["tcp://127.0.0.1:$(port_of broker)"]

# /metrics and /health, for loopback.
metrics_address = "127.0.0.1"
metrics_port = $(port_of metrics)

verify_threads = 2
TOML
}

# Where the agent listens and where it finds the broker, which it has from its invite.
set_agent_ports() {
    local file
    sed -i "s/^listen = .*/listen = \"127.0.0.1:$(port_of "$1")\"/" "$dir/agents/$1/agent.toml"
    for file in "$dir/agents/$1"/areas/*/broker.json; do
        jq --arg endpoint "tcp://127.0.0.1:$(port_of broker)" '.endpoints = [$endpoint]' "$file" >"$file.new"
        mv "$file.new" "$file"
    done
}
name_broker_address() { ctl_or_fail "name the broker's new address" area endpoints --dir "$dir/area" --broker-endpoint "tcp://127.0.0.1:$(port_of broker)"; }

enrolled() { "$bin/mashctl" agency list --dir "$dir/area" --json 2>>"$dir/log/setup.log" | jq -r '.agencies[] | select(.state == "enrolled") | .id'; }

enrol_host() {
    local host=$1 list=$root/deploy/demo/agencies/$1.csv folder=$dir/agents/$1 invites=$dir/run/invites/$1 todo
    # A host is enrolled whole: with every agency of its list, or again.
    todo=$(comm -23 <(tail -n +2 "$list" | cut -d, -f1 | sort) <(enrolled | sort))
    if [ -n "$todo" ] || [ ! -f "$folder/agent.toml" ]; then
        rm -rf "$invites"
        mkdir -p "$invites" "$folder"
        ctl_or_fail "invite $host" agency invite --dir "$dir/area" --host "$host" --from-csv "$list" --out-dir "$invites"
        "$bin/$(program_of "$host")" enrol --dir "$folder" "$invites"/*.invite.json --out "$invites/request.json" >>"$dir/log/setup.log" 2>&1 ||
            fail "could not enrol $host. It said:" "$(tail -n 3 "$dir/log/setup.log")"
        # Here the two people who compare a fingerprint by telephone are one script. In an area they never are.
        ctl_or_fail "approve $host" agency approve --dir "$dir/area" "$invites/request.json" --accept-unread-fingerprint
        rm -rf "$invites"
    fi
    # What social workers open is also handed over to a folder, as to a case system.
    if [ "$host" = social-care ] && ! grep -q '^\[handover."social-care.sw"\]' "$folder/agent.toml"; then
        printf '\n[handover."social-care.sw"]\nfolder = "handover"\nwebhook = ""\n' >>"$folder/agent.toml"
    fi
    # Every page says that the people here are invented.
    grep -q '^\[console\]' "$folder/agent.toml" || printf '\n[console]\ntraining = true\n' >>"$folder/agent.toml"
    mkdir -p "$folder"/{intake,accepted,rejected,handover}
    set_agent_ports "$host"
}

choose_ports() {
    local wanted=$1 port
    if [ -n "$wanted" ]; then
        port_base=$wanted
        return 0
    fi
    for ((port_base = default_port_base; port_base < 9400; port_base += 20)); do
        for port in $(all_ports); do
            port_is_taken "$port" && continue 2
        done
        return 0
    done
    fail "no free ports from $default_port_base to 9400" "choose some with --port-base N (it takes N to N+15)"
}

check_ports() {
    local host port
    for host in broker metrics "${hosts[@]}"; do
        is_running "${host/metrics/broker}" && continue
        port=$(port_of "$host")
        port_is_taken "$port" && fail "port $port, which $host needs, is used by another program" "choose other ports with --port-base N (it takes N to N+15)"
    done
    return 0
}

make_area() {
    local host
    umask 077
    mkdir -p "$dir"/{agents,broker,log,run}
    set_setting port_base "$port_base"
    if [ ! -f "$dir/area/area.json" ]; then
        rm -rf "$dir/area"
        head -c 24 /dev/urandom | base64 >"$dir/root-passphrase"
        ctl_or_fail "make the area" area init --dir "$dir/area" --area "$area_name" \
            --broker-endpoint "tcp://127.0.0.1:$(port_of broker)" --passphrase-file "$dir/root-passphrase"
        progress_end "keys of the area made"
    else
        # It was interrupted, and may go on with other ports than those it began with.
        name_broker_address
    fi
    demo_policy
    ctl_or_fail "sign the policy" policy sign --dir "$dir/area" "$dir/policy/policy.toml" --catalogue "$dir/policy/catalogue.toml"
    progress_end "policy signed; schools hear of missing episodes"
    write_broker_toml
    for host in "${hosts[@]}"; do
        enrol_host "$host"
        progress_end "$host enrolled: $(tail -n +2 "$root/deploy/demo/agencies/$host.csv" | cut -d, -f3 | paste -sd, | sed 's/,/, /g')"
    done
    set_setting made yes
}

# The area moved to other ports: say so in the registry and in every file that names one. A move that was interrupted is
# done again from its beginning, so port_base changes last.
move_ports() {
    local host
    is_up && fail "the area of $dir runs on other ports" "stop it first with: deploy/area down $dir"
    set_setting moving_to "$port_base"
    name_broker_address
    write_broker_toml
    for host in "${hosts[@]}"; do set_agent_ports "$host"; done
    set_setting port_base "$port_base"
    set_setting moving_to ""
}

is_up() {
    local name
    for name in broker "${hosts[@]}"; do is_running "$name" && return 0; done
    return 1
}

add_person() {
    "$bin/$(program_of "$1")" person add --dir "$dir/agents/$1" --name "$4" --agency "$2" --inbox "$5" \
        --recovery-key "$dir/agents/$1/keys/recovery.key" --save "$dir/agents/$1/people/$3.json" >>"$dir/log/setup.log" 2>&1
}
# add_account HOST FILE: so that this person can sign in in a browser.
add_account() {
    local folder=$dir/agents/$1/accounts
    mkdir -p "$folder"
    [ -f "$folder/$2.passphrase" ] ||
        head -c 10 /dev/urandom | base32 | tr 'A-Z' 'a-z' | sed 's/..../&-/g; s/-$//' >"$folder/$2.passphrase"
    "$bin/$(program_of "$1")" account add --dir "$dir/agents/$1" --token-file "$dir/agents/$1/people/$2.json" --name "$2" \
        --passphrase-file "$folder/$2.passphrase" --second-factor totp --save "$folder/$2.json" >>"$dir/log/setup.log" 2>&1
}
# Tokens and accounts of the demonstration's people lie in a file each. In an area each person gets their own token, once,
# and nobody else ever sees their passphrase.
add_people() {
    local host agency file name inboxes
    while IFS=, read -r host agency file name inboxes <&3; do
        if [ ! -f "$dir/agents/$host/people/$file.json" ]; then
            wait_until 30 add_person "$host" "$agency" "$file" "$name" "$inboxes" ||
                fail "could not add $file to $inboxes. $(program_of "$host") said:" "$(tail -n 2 "$dir/log/setup.log")"
        fi
        if [ ! -f "$dir/agents/$host/accounts/$file.json" ]; then
            progress "an account for $file"
            wait_until 30 add_account "$host" "$file" ||
                fail "could not make an account for $file. $(program_of "$host") said:" "$(tail -n 2 "$dir/log/setup.log")"
        fi
    done 3< <(tail -n +2 "$root/deploy/demo/people.csv")
}

# Bytes from their hexadecimal digits.
from_hex() { printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"; }
# totp_now SECRET: the six digits that a telephone with this secret (base32) shows now (RFC 6238), by what every machine has.
totp_now() {
    local key inner= outer= i byte hash offset
    key=$(base32 -d <<<"$1" | od -An -v -tx1 | tr -d ' \n')
    for ((i = 0; i < 64; i++)); do
        byte=$((16#0${key:2 * i:2}))
        inner+=$(printf '%02x' $((byte ^ 0x36)))
        outer+=$(printf '%02x' $((byte ^ 0x5c)))
    done
    hash=$(from_hex "$inner$(printf '%016x' $(($(date +%s) / 30)))" | sha1sum | cut -c 1-40)
    hash=$(from_hex "$outer$hash" | sha1sum | cut -c 1-40)
    offset=$((16#${hash:39:1}))
    printf '%06d' $(((16#${hash:2 * offset:8} & 0x7fffffff) % 1000000))
}
# sign_in_words NAME: where and how a demonstration person signs in, with the code of this moment.
sign_in_words() {
    local host file=
    for host in "${hosts[@]}"; do
        [ -f "$dir/agents/$host/accounts/$1.json" ] && file=$dir/agents/$host/accounts/$1.json && break
    done
    [ -n "$file" ] || fail "there is nobody of that name in $dir" "one of: $(cd "$dir/agents" && ls ./*/accounts/*.json | sed 's|.*/||; s|\.json$||' | paste -sd' ')"
    printf 'address     %s/\nname        %s\npassphrase  %s\ncode        %s (counts once, and for about a minute)\n' "$(agent_url "$host")" "$1" \
        "$(cat "${file%.json}.passphrase")" "$(totp_now "$(jq -r .totp.secret "$file")")"
}

# area_up PORT-BASE|"": makes the area when there is none, and starts what does not run.
area_up() {
    local wanted=$1 name moving
    port_base=$(setting port_base)
    moving=$(setting moving_to)
    if [ "$(setting made)" != yes ]; then
        choose_ports "${wanted:-$port_base}"
        check_ports
        make_area
    elif [ -n "$moving" ] || [ "${wanted:-$port_base}" != "$port_base" ]; then
        port_base=${wanted:-$moving}
        check_ports
        move_ports
    fi
    check_ports
    ctl_or_fail "renew the area's freshness" freshness renew --dir "$dir/area"
    start_program broker
    wait_ready broker
    for name in "${hosts[@]}"; do start_program "$name"; done
    for name in "${hosts[@]}"; do wait_ready "$name"; done
    for name in "${hosts[@]}"; do
        progress "waiting for $name to reach the broker"
        wait_until 60 is_linked "$name" || fail "$(program_of "$name") has not reached the broker in 60 seconds" \
            "its state: $bin/$(program_of "$name") status --dir $dir/agents/$name" "its log: $dir/log/$name.log"
    done
    add_people
    progress_end "broker and ${#hosts[@]} agents run, on ports $port_base to $(port_of hub)"
}

area_down() {
    local name
    for name in "${hosts[@]}" broker; do stop_program "$name"; done
}
