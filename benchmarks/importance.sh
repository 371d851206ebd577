#!/usr/bin/env bash
# Times the importance pass and looks at its memory, on synthetic bfloat16 models in the shape of Qwen2-0.5B.
#
#   benchmarks/importance.sh speed    15 x 512 tokens through 0.5 B parameters, against plain libtorch calls, in one run
#   benchmarks/importance.sh memory   the same tokens through 2 B parameters, as a process of its own
#   benchmarks/importance.sh process  `./lewis importance` of a base and two fine-tunes of 0.5 B, and once more from the packs
#                                     that it kept
#
#   FOLDER=DIR    keeps the models for the next time; else they go to a temporary folder that is removed
#   LAYERS=N      24 (speed, process) or 125 (memory)
#   ROUNDS=3      of speed
#
# Memory beyond mapped files is the peak of RssAnon + RssShmem in /proc/PID/status, looked at every 50 ms (Linux only).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-speed}
models=1
case $what in
    speed) layers=${LAYERS:-24} ;;
    memory) layers=${LAYERS:-125} ;;
    process) layers=${LAYERS:-24} models=3 ;;
    *) echo "unknown: $what; known: speed, memory, process" >&2 && exit 2 ;;
esac

. benchmarks/classes.sh
jvm="$java $flags -XX:+UseSerialGC -Xmx512m -cp $classpath"

folder=${FOLDER:-}
if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
model=$folder/$layers
if [ $models = 3 ] && [ ! -d "$model/code" ]; then
    rm -rf "$model" # another mode may have left the base alone
fi
[ -d "$model/base" ] || { mkdir -p "$model" && $jvm org.lewis.benchmarks.SyntheticModels "$model" "$layers" $models; }

# Runs a command, leaves its seconds in $seconds and its peak of memory beyond mapped files in $peak, in MB.
measure() {
    local start now
    start=$(date +%s.%N)
    "$@" &
    local pid=$!
    peak=0
    while now=$(awk '/^Rss(Anon|Shmem)/ { kb += $2 } END { print kb + 0 }' "/proc/$pid/status" 2>/dev/null) &&
        kill -0 $pid 2>/dev/null; do
        [ "$now" -gt "$peak" ] && peak=$now
        sleep 0.05
    done
    wait $pid
    peak=$((peak / 1000))
    seconds=$(echo "$(date +%s.%N) - $start" | bc)
}

case $what in
    speed)
        exec $jvm org.lewis.benchmarks.ImportancePass speed "$model/base" "${ROUNDS:-3}"
        ;;
    memory)
        measure $jvm org.lewis.benchmarks.ImportancePass once "$model/base"
        echo "peak beyond mapped files: $peak MB"
        ;;
    process)
        ./lewis --version >/dev/null # builds and trains, if it must
        work=$folder/process
        rm -rf "$work" && mkdir "$work"
        $jvm org.lewis.benchmarks.ImportancePass ids "$work/ids.json"
        cat >"$work/lewis.yaml" <<YAML
model_info:
  - {name: $model/base, type: base}
  - {name: $model/math, type: math}
  - {name: $model/code, type: code}
base_model_type: base
nsamples: 15
YAML
        export LEWIS_CACHE=$work/cache
        for packs in "without packs" "from packs"; do
            measure ./lewis importance "$work/lewis.yaml" --token-ids "$work/ids.json" -o "$work/importance"
            printf '%s: %.1f s, peak beyond mapped files %d MB\n' "$packs" "$seconds" "$peak"
        done
        rm -rf "$work"
        ;;
esac
