#!/usr/bin/env bash
# Times merges of a synthetic 0.5 B parameter model against reading its inputs and copying one of them, in one run.
#
#   benchmarks/merge.sh [folder]
#
# A round is `cat inputs >/dev/null` and `cp one input`, then each merge as a whole process, so that all of them meet
# the same machine. Inputs lie in the page cache and outputs are deleted at once. Without a folder, a temporary one is
# used and removed; a given one keeps the models for the next time. It needs 5 GB of disk and 4 GB of free memory.
#
#   ROUNDS=5      how often
#   METHODS="linear slerp task_arithmetic ties dare_ties della sce model_stock"
#   THREADS=2     of the merge
#   LAYERS=24     0.49 billion parameters; 125 for 2, 326 for 5 billion
#   COLD=1        before each command, drop the inputs from the page cache
#   MERGE="./lewis merge RECIPE -o OUTPUT --threads 2"   another command to time
#
# Beside wall time stands the time of processors, which says more on a machine that does other things, too. Memory is
# looked at every 50 ms in /proc/PID/status (Linux only): beyond mapped files the peak of RssAnon + RssShmem, and the peak
# of RssFile, which are pages of the inputs that the process holds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${ROUNDS:-5}
methods=${METHODS:-linear slerp task_arithmetic ties dare_ties della sce model_stock}
threads=${THREADS:-2}
layers=${LAYERS:-24}

merge=${MERGE:-./lewis merge RECIPE -o OUTPUT --threads $threads}

mvn -B -q -pl benchmarks -am package -Dquick -DskipTests
./lewis --version >/dev/null # builds and trains, if it must
generate() {
    "$(bin/jdk25)/bin/java" -cp "$(echo benchmarks/target/*.jar cli/target/lewis/lib/*.jar | tr ' ' ':')" \
        org.lewis.benchmarks.SyntheticModels "$@"
}

if [ $# -gt 0 ]; then
    folder=$1
    mkdir -p "$folder"
else
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
for model in base math code; do
    [ -d "$folder/$model" ] || { generate "$folder" "$layers"; break; }
done

recipe() {
    local own='{weight: 0.6}' other='{weight: 0.4}' all='{}'
    case $1 in
        slerp) own='{}' all='{t: 0.4}' ;;
        model_stock) own='{}' other='{}' ;;
        sce) own='{}' other='{}' all='{select_topk: 0.5}' ;;
        ties | dare_ties | della) own='{weight: 0.6, density: 0.5}' other='{weight: 0.4, density: 0.5}' ;;
    esac
    printf 'merge_method: %s\nparameters: %s\nmodels:\n' "$1" "$all"
    printf '  - {model: %s, parameters: %s}\n' "$folder/math" "$own"
    [ "$1" = slerp ] || printf '  - {model: %s, parameters: %s}\n' "$folder/code" "$other"
    if [ "$1" = linear ]; then
        printf '  - {model: %s, parameters: {weight: 0.2}}\n' "$folder/base"
    else
        printf 'base_model: %s\n' "$folder/base"
    fi
}

# Runs a command; leaves its seconds in $seconds, those of the processors in $busy, and its peaks of memory beyond mapped
# files and of mapped files, in MB, in $memory and $mapped. Looking at it starts no process: that would take from the
# command what is measured.
measure() {
    local peak=0 file=0 now child= input key kb
    [ -z "${COLD:-}" ] || for input in "$folder"/{base,math,code}/*.safetensors; do
        dd if="$input" iflag=nocache count=0 status=none
    done
    { TIMEFORMAT='%R %U %S'; time "$@" >/dev/null 2>"$folder/errors"; } 2>"$folder/times" &
    local pid=$!
    while kill -0 $pid 2>/dev/null; do
        # The command is a child of the shell that times it.
        [ -n "$child" ] || read -r child _ <"/proc/$pid/task/$pid/children" || :
        now=0
        while read -r key kb _; do
            case $key in
                RssAnon: | RssShmem:) now=$((now + kb)) ;;
                RssFile:) [ "$kb" -gt "$file" ] && file=$kb ;;
            esac
        done 2>/dev/null <"/proc/${child:-$pid}/status" || :
        [ "$now" -gt "$peak" ] && peak=$now
        read -rt 0.05 -u "$never" || :
    done
    wait $pid || { cat "$folder/errors" >&2; exit 1; }
    seconds=$(tail -1 "$folder/times" | cut -d' ' -f1)
    busy=$(tail -1 "$folder/times" | awk '{ print $2 + $3 }')
    memory=$((peak / 1000))
    mapped=$((file / 1000))
}

exec {never}<> <(:) # for waiting

reference() {
    cat "$folder"/{base,math,code}/*.safetensors >/dev/null
    mkdir "$folder/copy" && cp "$folder"/math/*.safetensors "$folder/copy"
}

results="$folder/results"
: >"$results"
reference && rm -rf "$folder/copy" # warms the page cache
for round in $(seq "$rounds"); do
    measure reference
    rm -rf "$folder/copy"
    base=$seconds
    printf 'round %d: cat + cp %.2f s (%.2f of processors)' "$round" "$base" "$busy"
    for method in $methods; do
        recipe "$method" >"$folder/$method.yaml"
        command=${merge/RECIPE/$folder/$method.yaml}
        command=${command/OUTPUT/$folder/merged}
        # shellcheck disable=SC2086
        measure $command
        rm -rf "$folder/merged"
        echo "$method $(echo "scale=4; $seconds / $base" | bc) $seconds $busy $memory $mapped" >>"$results"
        printf ', %s %.2f s' "$method" "$seconds"
    done
    echo
done

echo
echo "method            min ratio  median ratio  median s  of processors  peak MB  of mapped files"
for method in $methods; do
    grep "^$method " "$results" | sort -k2 -g | awk -v method="$method" '
        { ratio[NR] = $2; seconds[NR] = $3; busy[NR] = $4 }
        $5 > peak { peak = $5 }
        $6 > mapped { mapped = $6 }
        END {
            m = int((NR + 1) / 2)
            printf "%-17s %9.2f %13.2f %9.2f %14.2f %8d %16d\n",
                method, ratio[1], ratio[m], seconds[m], busy[m], peak, mapped
        }'
done
