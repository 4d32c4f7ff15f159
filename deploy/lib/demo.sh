# The demonstration: what is fed, what is observed, how it is judged. Sourced by deploy/quickstart after area.sh.
#
# Each run has a number of its own, so that a second run on the same area is new events about the same children and not
# the same files again, which would rightly raise nothing.
# shellcheck shell=bash disable=SC2154

demo=$root/deploy/demo

uk_local() { TZ='GMT0BST,M3.5.0/1,M10.5.0' date -d "@$1" '+%F %T'; }
# "-95 min", as the tables and templates write it.
epoch_of() { echo $((run_at + ${1% min} * 60)); }

begin_run() {
    run_at=$(date +%s)
    run=$run_at
    run_dir=$dir/demo/$run
    mkdir -p "$run_dir"
}

# render FILE: replaces @{run}, @{local -95 min} (UK time, as police systems write it), @{utc -8 min} and @{date -8 min}.
render() {
    local text token at value mark='@\{(run|(local|utc|date) ([^}]*))\}'
    text=$(cat "$1")
    while [[ $text =~ $mark ]]; do
        token=${BASH_REMATCH[0]}
        if [ "${BASH_REMATCH[1]}" = run ]; then
            value=$run
        else
            at=$(epoch_of "${BASH_REMATCH[3]}")
            case "${BASH_REMATCH[2]}" in
                local) value=$(uk_local "$at") ;;
                utc) value=$(date -u -d "@$at" +%FT%TZ) ;;
                date) value=$(uk_local "$at" | cut -d' ' -f1) ;;
            esac
        fi
        text=${text//"$token"/$value}
    done
    printf '%s\n' "$text"
}

# drop HOST SUB-FOLDER|"" FILE NAME: whole files only, as a careful system would, by renaming.
drop() {
    local folder=$dir/agents/$1/intake${2:+/$2}
    mkdir -p "$folder"
    render "$3" >"$folder/.$4"
    mv "$folder/.$4" "$folder/$4"
    dropped+=("$1|$2|$4")
}
# A program that ended while we wait is the reason why nothing comes.
all_alive() {
    local name
    for name in broker "${hosts[@]}"; do
        is_running "$name" || fail "$(program_of "$name") has ended. Its last words:" "$(tail -n 2 "$dir/log/$name.log")" "start it again with: deploy/area up $dir"
    done
}

# 0 when every dropped file lies in accepted/; it stops when one was rejected whole.
all_taken_in() {
    local one host sub name
    all_alive
    for one in "${dropped[@]}"; do
        IFS='|' read -r host sub name <<<"$one"
        [ -f "$dir/agents/$host/accepted${sub:+/$sub}/$name" ] && continue
        [ -f "$dir/agents/$host/intake${sub:+/$sub}/$name" ] && return 1
        if [ -f "$dir/agents/$host/rejected${sub:+/$sub}/$name" ]; then
            fail "$host rejected $name:" "$(head -n 12 "$dir/agents/$host/rejected${sub:+/$sub}/$name.report.txt" 2>/dev/null)"
        fi
        return 1
    done
}
wait_taken_in() {
    wait_until 90 all_taken_in || fail "files still lie in an intake folder after 90 seconds" \
        "look there: ls -R $dir/agents/*/intake" "and at the logs in $dir/log"
    dropped=()
}

nothing_owed() {
    local host
    all_alive
    for host in "${hosts[@]}"; do
        agent_status "$host" | jq -e '.errands_owed == 0' >/dev/null 2>&1 || return 1
    done
}

# Who works with whom: rolls and caseloads, and the one conflict of interest. The same again changes nothing.
feed_involvement() {
    local urn
    dropped=()
    drop social-care "" "$demo/involvement/social-care.csv" "caseload-$run.csv"
    drop health "" "$demo/involvement/health.csv" "caseload-$run.csv"
    for urn in 999101 999102 999103 999104; do
        drop schools "$urn" "$demo/involvement/$urn.csv" "roll-$run.csv"
    done
    wait_taken_in
    if [ ! -f "$dir/demo/conflict.json" ]; then
        "$bin/mash-hub" conflict add --dir "$dir/agents/hub" --token-file "$dir/agents/hub/people/front-door.json" \
            "$demo/conflict.json" >"$dir/demo/conflict.json.new" 2>>"$dir/log/setup.log" ||
            fail "the front door could not record the conflict of interest:" "$(tail -n 2 "$dir/log/setup.log")"
        mv "$dir/demo/conflict.json.new" "$dir/demo/conflict.json"
    fi
    wait_until 60 nothing_owed || fail "the broker has not confirmed the rolls in 60 seconds" "look at: deploy/area status $dir"
}

feed_events() {
    dropped=()
    # The first file of each kind is a baseline. An empty one makes what follows news, whatever the time of day.
    [ -f "$dir/demo/encompass-begun" ] || drop police "" "$demo/feed/encompass-first.csv" "encompass-first-$run.csv"
    drop police "" "$demo/feed/missing-1.csv" "missing-1-$run.csv"
    wait_taken_in
    touch "$dir/demo/encompass-begun"
    drop police "" "$demo/feed/encompass.csv" "encompass-$run.csv"
    drop schools 999101 "$demo/feed/referral-agreement-refused.json" "referral-$run.json"
    drop health "" "$demo/feed/sighting.json" "sighting-$run.json"
    render "$demo/feed/referral-harm.json" >"$run_dir/referral-harm.json"
    call schools "$(person_token schools lickey-road-lead)" POST /api/v1/notifications "$run_dir/referral-harm.json" \
        >"$run_dir/referral-harm.answer.json" ||
        fail "the school's referral was not taken in:" "$(cat "$run_dir/referral-harm.answer.json")"
    wait_taken_in
}
feed_found() {
    dropped=()
    drop police "" "$demo/feed/missing-2.csv" "missing-2-$run.csv"
    wait_taken_in
}

# ---------------------------------------------------------------------------------------------------------------------
# Looking. Senders are asked with the service token, inboxes each with the token of a person who may open them; an inbox
# that hands over by itself is looked at in its folder. Nothing is opened: the list is enough.

table_rows() { grep -Ev '^[[:space:]]*(#|$)' "$1" | sed 's/[[:space:]]*|[[:space:]]*/|/g'; }

observe() {
    local key host agency type occurred title at id inbox file folder
    : >"$run_dir/sent.jsonl"
    : >"$run_dir/received.jsonl"
    for host in police health schools hub; do
        call "$host" "$(service_token "$host")" GET /api/v1/sent >"$run_dir/list-$host.json" 2>/dev/null || echo '{"sent":[]}' >"$run_dir/list-$host.json"
    done
    while IFS='|' read -r key host agency type occurred title <&3; do
        at=$(date -u -d "@$(epoch_of "$occurred")" +%FT%T)
        id=$(jq -r --arg agency "$agency" --arg type "$type" --arg at "$at" \
            'first(.sent[] | select(.agency == $agency and .type == $type and (.occurred_at | startswith($at))) | .id) // ""' "$run_dir/list-$host.json")
        [ -n "$id" ] || continue
        call "$host" "$(service_token "$host")" GET "/api/v1/sent/$id" 2>/dev/null | jq -c --arg key "$key" '{key: $key, value: .}' >>"$run_dir/sent.jsonl" || true
    done 3< <(table_rows "$demo/notifications.txt")
    while IFS=, read -r host agency file title inbox <&3; do
        call "$host" "$(person_token "$host" "$file")" GET "/api/v1/received?inbox=$inbox" 2>/dev/null |
            jq -c --arg inbox "$inbox" '{key: $inbox, value: [.received[] | .id, (.episode.items[]?.id)] | unique}' >>"$run_dir/received.jsonl" || true
    done 3< <(tail -n +2 "$demo/people.csv")
    # DIR/agents/HOST/handover/INBOX/SENDER-ID.json
    find "$dir"/agents/*/handover -mindepth 2 -name '*.json' -printf '%h %f\n' |
        jq -R -n -c '[inputs | capture("(?<inbox>[^/]+) .*(?<id>.{36})\\.json$")] | group_by(.inbox) | map({key: .[0].inbox, value: map(.id)}) | from_entries' >"$run_dir/handed.json"
    jq -n --slurpfile sent "$run_dir/sent.jsonl" --slurpfile received "$run_dir/received.jsonl" --slurpfile handed "$run_dir/handed.json" \
        '{sent: ($sent | from_entries), received: ($received | from_entries), handed: $handed[0]}' >"$run_dir/seen.json"
    jq --rawfile notifications "$demo/notifications.txt" --rawfile expected "$demo/expected.txt" -f "$demo/judge.jq" \
        "$run_dir/seen.json" >"$run_dir/verdict.json"
}

# settle SECONDS PATTERN: looks until every row whose key matches is settled; 1 when the time is over or a row is wrong.
settle() {
    local until=$((SECONDS + $1)) waiting wrong
    while true; do
        all_alive
        observe
        waiting=$(jq --arg keys "$2" '[.rows[] | select((.key | test($keys)) and .status == "waiting")] | length' "$run_dir/verdict.json")
        # An inbox that could not be read proves nothing about what is not in it.
        [ "$(wc -l <"$run_dir/received.jsonl")" -eq "$(tail -n +2 "$demo/people.csv" | wc -l)" ] || waiting=$((waiting + 1))
        wrong=$(jq --arg keys "$2" '[.rows[] | select((.key | test($keys)) and .status == "wrong")] | length' "$run_dir/verdict.json")
        progress "$(jq -r --arg keys "$2" '[.rows[] | select(.key | test($keys))] | "\(map(select(.status == "ok")) | length) of \(length) rows are as they must be"' "$run_dir/verdict.json")"
        [ "$waiting" -gt 0 ] || break
        [ "$SECONDS" -lt "$until" ] || break
        sleep 0.3
    done
    progress_end
    [ "$waiting" = 0 ] && [ "$wrong" = 0 ]
}

print_table() {
    jq -r '
        def pad($n): . + " " * ([0, $n - length] | max);
        .rows as $rows
        | .notes[] as $n
        | ([$rows[] | select(.key == $n.key)]) as $mine
        | "", "\($n.title)",
          "  \($n.type) from \($n.agency), \($n.id // "not sent")",
          ($mine[]
           | (if .status == "wrong" then "WRONG" elif .status == "waiting" then "LATE"
              elif .expect == "absent" then "no" elif .expect == "held" then "held" else "yes" end | pad(7)) as $mark
           | (if .expect == "absent" and .seat == "-" then .inbox
              elif .seat != "-" and (.inbox | sub("\\."; "/")) != .seat and .expect != "absent" and .expect != "held" then "\(.seat) (\(.inbox))"
              else .seat end | pad(42)) as $who
           | (if .expect == "held" and .status == "ok" then "for \(.held_for)"
              elif .expect == "absent" then ""
              else (.rungs | join(" ")) end | pad(30)) as $rungs
           | "    \($mark)\($who)\($rungs)\(if .status == "ok" then .words else "\(.why // "") [\(.words)]" end)")
    ' "$run_dir/verdict.json"
}

# The same rows that are not as they must be, for whoever looks why.
print_faults() {
    jq -r '.rows[] | select(.status != "ok") | "    \(.key): \(.seat) (\(.inbox)): \(.why // .status)"' "$run_dir/verdict.json"
}

# A social worker reads and takes the report of the child whom police knew by name, birth date and home address alone.
take_one() {
    local id token
    id=$(jq -r '.notes[] | select(.key == "wren-missing") | .id' "$run_dir/verdict.json")
    token=$(person_token social-care social-worker)
    call social-care "$token" GET "/api/v1/received/$id?inbox=social-care.sw" >"$run_dir/opened.json" ||
        fail "the social worker could not open the report:" "$(cat "$run_dir/opened.json")"
    call social-care "$token" POST "/api/v1/received/$id/taken?inbox=social-care.sw" >"$run_dir/taken.json" ||
        fail "the social worker could not take the report:" "$(cat "$run_dir/taken.json")"
    taken_id=$id
}
sender_sees_taken() {
    call police "$(service_token police)" GET "/api/v1/sent/$taken_id" 2>/dev/null |
        jq -e 'any(.recipients[]; .recipient.role == "sw" and any(.rungs[]; .rung == "taken") and any(.rungs[]; .rung == "opened"))' >/dev/null 2>&1
}
