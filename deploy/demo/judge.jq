# Holds what was observed against expected.txt. Input: {sent: {key: answer of /sent/{id}}, received: {inbox: [id]},
# handed: {inbox: [id]}}; $notifications, $expected: the two tables as text. Output: one object for each row.
def rows: split("\n") | map(select(test("^\\s*(#|$)") | not) | split("|") | map(gsub("^\\s+|\\s+$"; "")));
def seat_text: "\(.agency)/\(.role)";
def desk_seats: ["hub/ffd", "hub/edt"];
def desk_inboxes: ["hub.ffd", "hub.edt"];

. as $seen
| ($notifications | rows | map({key: .[0], host: .[1], agency: .[2], type: .[3], title: .[5]})) as $notes
| ($expected | rows | map({
      key: .[0],
      seats: (if .[1] == "desk" then desk_seats elif .[1] == "-" then [] else [.[1]] end),
      inboxes: (if .[2] == "desk" then desk_inboxes else [.[2]] end),
      expect: .[3],
      views: (if .[4] == "-" then null else .[4] | split(" ") end),
      words: .[5]})) as $wanted
| def has_item($inbox; $id): (($seen.received[$inbox] // []) + ($seen.handed[$inbox] // []) | index($id)) != null;
  # One truth value each: `any` of jq 1.6 is wrong about a condition that yields two.
  def looked_at($inboxes): (($seen.received | keys) + ($seen.handed | keys)) as $known | ($inboxes - $known) != $inboxes;
  def verdict($want):
      $seen.sent[$want.key] as $s
      | if $s == null then {status: "waiting", why: "not found at its sender yet", rungs: []}
        else
            $s.id as $id
            | ([$s.recipients[] | select((.recipient | seat_text) as $x | $want.seats | index($x))]) as $given
            | ([$s.held[] | select((.recipient | seat_text) as $x | $want.seats | index($x))]) as $held
            | ([$want.inboxes[] | select(has_item(.; $id))]) as $in
            | (($given[0].rungs // []) | map(.rung)) as $rungs
            | ({rungs: ((if $s.accepted_at then ["accepted"] else [] end) + ($rungs - ["accepted"])),
                seat: (($given[0].recipient // $held[0].recipient // null) | if . == null then ($want.seats[0] // "-") else seat_text end),
                inbox: ($in[0] // $want.inboxes[0])})
              + if $want.expect == "absent" then
                    if ($given | length) > 0 and ($want.seats | length) > 0 then {status: "wrong", why: "is a recipient and must not be"}
                    elif ($in | length) > 0 then {status: "wrong", why: "has it and must not"}
                    elif (looked_at($want.inboxes) | not) then
                        {status: "waiting", why: "the inbox could not be looked at"}
                    else {status: "ok"} end
                elif $want.expect == "held" then
                    if ($in | length) > 0 or ($given | length) > 0 then {status: "wrong", why: "went on without the decision"}
                    elif ($held | length) > 0 then {status: "ok", held_for: ($held[0].decider | seat_text), rule: $held[0].rule}
                    else {status: "waiting", why: "no decision is asked for yet (state \($s.state))"} end
                elif $s.refusal != null then {status: "wrong", why: "refused: \($s.refusal.message)"}
                elif ($given | length) == 0 then
                    if $s.accepted_at then {status: "wrong", why: "is no recipient"} else {status: "waiting", why: "not planned yet (state \($s.state))"} end
                elif $want.views != null and ($given[0].views | sort) != ($want.views | sort) then
                    {status: "wrong", why: "other views: \($given[0].views | sort | join(" "))"}
                elif $s.accepted_at == null then {status: "waiting", why: "not accepted yet (state \($s.state))"}
                elif ($rungs | index("stored")) == null then {status: "waiting", why: "accepted, not stored yet"}
                elif $want.expect == "handed_over" and ($rungs | index("handed_over")) == null then {status: "waiting", why: "stored, not handed over yet"}
                elif $want.expect == "passed_on" then
                    if ($rungs | index("handed_over")) == null then {status: "waiting", why: "stored, not passed on yet"}
                    else {status: "ok"} end
                elif ($in | length) == 0 then {status: "waiting", why: "stored says the sender's agent, not in \($want.inboxes | join(" or ")) yet"}
                else {status: "ok"} end
        end;
  ($wanted | map(. + verdict(.))) as $judged
  # Whatever else was given or arrived.
  | [$notes[] as $n | $seen.sent[$n.key] as $s | select($s != null)
     | ([$wanted[] | select(.key == $n.key and (.expect == "stored" or .expect == "handed_over" or .expect == "passed_on"))]) as $may
     | ($may | map(.seats[])) as $seats | ($may | map(.inboxes[])) as $inboxes
     | (($s.recipients[] | select((.recipient | seat_text) as $x | $seats | index($x) | not)
         | {seat: (.recipient | seat_text), inbox: "-", why: "is a recipient and must not be"}),
        ($s.not_connected[] | {seat: .role, inbox: "-", why: "is not connected"}),
        (($seen.received, $seen.handed) | to_entries[] | select(.value | index($s.id)) | .key
         | select(. as $x | $inboxes | index($x) | not) | {seat: "-", inbox: ., why: "has it and must not"}))
     | {key: $n.key, seats: [], inboxes: [], expect: "absent", words: "", rungs: [], status: "wrong"} + .] as $others
  | ($judged + ($others | map(select(. as $o | any($judged[]; .key == $o.key and .status == "wrong" and (.seat == $o.seat or .inbox == $o.inbox)) | not)))) as $all
  | {rows: $all, notes: ($notes | map(. + {id: ($seen.sent[.key].id // null), state: ($seen.sent[.key].state // "not found")}))}
