#!/usr/bin/env bash
# Runs a scenario: LEWIS.yaml TASK OUTPUT
#
# Importance is computed once. Then come one merge and one evaluation for each of the bounds, shares of layers and kinds of
# layers; what OUTPUT holds already is not done again, and merged models are deleted once they are scored.
#
#   DATA=FILE.jsonl   text in place of the config's data set
#   LIMIT=N           rows of the task
set -euo pipefail
[ $# -eq 3 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
lewis=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/lewis
task=$2
mkdir -p "$3/recipes" "$3/scores"
output=$(cd "$3" && pwd)
DATA=${DATA:+$(realpath "$DATA")}
# Names of folders count from the config, as in the hub's cache they count from nowhere.
cd "$(dirname "$1")"
config=$(basename "$1")

[ -d "$output/importance" ] ||
    "$lewis" importance "$config" -o "$output/importance" --report "$output/importance.html" ${DATA:+--data "$DATA"}

# Name, then the options of `lewis recipe` that say how importance becomes densities.
arm() {
    local name=$1
    shift
    [ -f "$output/scores/$name/results.json" ] && return
    "$lewis" recipe "$config" --importance "$output/importance" "$@" -o "$output/recipes/$name.yaml"
    "$lewis" merge "$output/recipes/$name.yaml" -o "$output/merged" --force
    "$lewis" evaluate "$output/merged" --task "$task" --allow-code-execution ${LIMIT:+--limit "$LIMIT"} \
        -o "$output/scores/$name"
    rm -r "$output/merged"
}

for bounds in "0.3 0.8" "0.5 0.8" "0.5 1.0"; do
    read -r gamma epsilon <<<"$bounds"
    for method in ties dare_ties; do
        arm "$method-$gamma-$epsilon" --method "$method" --gamma "$gamma" --epsilon "$epsilon"
    done
done
for share in 0.1 0.3 0.5 0.7; do
    arm "top-$share" --top-k "$share"
done
for part in attention mlp q_proj k_proj v_proj o_proj gate_proj up_proj down_proj; do
    arm "only-$part" --only "$part"
done
