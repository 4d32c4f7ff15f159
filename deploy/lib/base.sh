# Words and small tools that the scripts of deploy/ share. Sourced, never run.
# shellcheck shell=bash

program_name=${0##*/}

fail() {
    printf '%s: %s\n' "deploy/$program_name" "$1" >&2
    shift
    for line in "$@"; do printf '    %s\n' "$line" >&2; done
    exit 1
}

# need_commands NAME ...: stops with what to install when a program is missing.
need_commands() {
    local name missing=()
    for name in "$@"; do command -v "$name" >/dev/null || missing+=("$name"); done
    [ ${#missing[@]} -eq 0 ] || fail "these programs are missing: ${missing[*]}" "install them with: deploy/install run"
}

# wait_until SECONDS COMMAND ...: asks again every fifth of a second; 1 when the time is over.
wait_until() {
    local until=$((SECONDS + $1))
    shift
    while ! "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.2
    done
}

# One line that is written over on a terminal, and at most every ten seconds elsewhere.
progress_last=-100
progress_text=
progress() {
    if [ -t 1 ]; then
        printf '\r\033[K   %s' "$1"
    elif [ "$1" != "$progress_text" ] && [ $((SECONDS - progress_last)) -ge 10 ]; then
        printf '   %s\n' "$1"
        progress_last=$SECONDS
        progress_text=$1
    fi
}
progress_end() {
    if [ -t 1 ]; then printf '\r\033[K'; fi
    progress_last=-100
    [ $# -eq 0 ] || printf '   %s\n' "$1"
}

step() { printf '\n== %s (%d min %02d s)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }

check_port_base() {
    [ -z "$1" ] && return 0
    [[ $1 =~ ^[1-9][0-9]{3,4}$ ]] && [ "$1" -ge 1024 ] && [ "$1" -le 65500 ] && return 0
    fail "--port-base must be a number from 1024 to 65500"
}
