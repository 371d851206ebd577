#!/usr/bin/env bash
# What the sequential SparseGPT pass costs: against a plain forward of the same tokens, and against a model of half the
# depth, on synthetic bfloat16 models in the shape of Qwen2-0.5B. Fails when it costs more than it may.
#
#   benchmarks/sequential.sh
#
#   FOLDER=DIR         keeps the models for the next time; else they go to a temporary folder that is removed
#   LAYERS=N           24; the other model has half as many
#   PRECISION=P        float32 (default) or bfloat16
#   ROUNDS=3
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
layers=${LAYERS:-24}
. benchmarks/classes.sh
jvm="$java $flags -Xmx2g -cp $classpath"

folder=${FOLDER:-}
if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
for depth in "$layers" $((layers / 2)); do
    [ -d "$folder/$depth/math" ] ||
        { mkdir -p "$folder/$depth" && $jvm org.lewis.benchmarks.SyntheticModels "$folder/$depth" "$depth" 2; }
done
$jvm org.lewis.benchmarks.SequentialPass "$folder/$layers" "$folder/$((layers / 2))" "${PRECISION:-float32}" "${ROUNDS:-3}"
