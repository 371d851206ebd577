#!/usr/bin/env bash
# Evaluates a synthetic bfloat16 model in the shape of Qwen2-0.5B with all the memory it wants and with little, and tells
# the time and peak memory of each; the scores must be the same.
#
#   FOLDER=DIR    keeps the model for the next time; else it goes to a temporary folder that is removed
#   LAYERS=N      125, which are 2 billion parameters and 4 GB
#   MEMORY=SIZE   1GB
#
# The peak is VmHWM in /proc/PID/status, looked at every 50 ms: all pages, those of mapped files among them (Linux only).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
layers=${LAYERS:-125}
memory=${MEMORY:-1GB}

. benchmarks/classes.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
model=${FOLDER:-$work}/$layers/base
if [ ! -d "$model" ]; then
    mkdir -p "${model%/base}"
    $java $flags -cp "$classpath" org.lewis.benchmarks.SyntheticModels "${model%/base}" "$layers" 1
fi
# The bundled tokenizer's ids are among the model's.
cp examples/models/base/tokenizer*.json "$model"

data=$PWD/examples/data
cat >"$work/choices.yaml" <<EOF
{data: $data/math_choices.jsonl, prompt: "Question: {question}\nAnswer:", choices: choices, answer: answer,
 scorer: multiple_choice}
EOF
cat >"$work/text.yaml" <<EOF
{data: $data/math_test.jsonl, prompt: "{question} {answer}", join: "\n", window: 512, scorer: perplexity}
EOF
cat >"$work/writing.yaml" <<EOF
{data: $data/math_test.jsonl, prompt: "Question: {question}\nAnswer:", target: "{answer}", max_new_tokens: 8,
 scorer: exact_match}
EOF

# Evaluates within a memory, or without a limit.
evaluate() {
    local task=$1 limit=$2 output=$3 pid peak=0 now start=$EPOCHREALTIME
    shift 3
    ./lewis evaluate "$model" --task "$work/$task.yaml" --limit "$limit" --quiet --log-samples -o "$output" "$@" \
        >"$work/out" 2>&1 &
    pid=$!
    while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
        peak=$now
        sleep 0.05
    done
    wait $pid || { cat "$work/out" >&2; exit 1; }
    awk -v name="$task ${*:-without a limit}" -v kb="$peak" -v s="$start" -v e="$EPOCHREALTIME" \
        'BEGIN { printf "%-28s %6.1f s, peak %5d MB\n", name, e - s, kb / 1000 }'
}

./lewis --version >/dev/null
cat "$model"/*.safetensors >/dev/null
for task in choices:10 text:40 writing:16; do
    name=${task%:*}
    evaluate "$name" "${task#*:}" "$work/whole/$name"
    evaluate "$name" "${task#*:}" "$work/streamed/$name" --memory "$memory"
    rm -f "$work"/*/"$name"/throughput.json
done
diff -r "$work/whole" "$work/streamed"
echo "the scores and answers are the same"
