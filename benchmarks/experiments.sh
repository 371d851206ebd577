#!/usr/bin/env bash
# Runs the experiments of docs/experiments.md on the bundled models and prints their tables.
#
#   benchmarks/experiments.sh OUTPUT [PART...]
#
# Parts are bounds, alone, low, top-k, components, variants, seeds and sparsegpt; without a name, all. OUTPUT keeps
# the results (results.jsonl, one line for each model scored) and the recipe of each merge; what is there already is not
# run again, so a run that was stopped goes on.
set -euo pipefail
[ $# -gt 0 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
mkdir -p "$1"
output=$(cd "$1" && pwd)
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."

. benchmarks/classes.sh
exec $java $flags -XX:+UseSerialGC -Dlewis.sandbox=sandbox/target/sandbox -cp "$classpath" \
    org.lewis.benchmarks.Experiments examples "$output" "$@"
