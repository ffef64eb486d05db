#!/bin/bash
# A sweep as a job array of Slurm: N tasks share the units of a plan, and a last job puts the results together.
#
#   PLAN=who-gets-the-cache.yaml N=100 bash slurm.sh        submits both
#
# The plan, its traces and the store lie on a file system that all nodes see. A task that is killed or requeued goes on where it
# was: results are whole or not there. Submitting again runs only what is missing.
set -euo pipefail
: "${PLAN:?PLAN=plan.yaml is needed}" "${N:=100}" "${STORE:=$(basename "$PLAN" .yaml).sweep}"
export PLAN N STORE

if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
  exec mpam sweep unit --plan "$PLAN" --store "$STORE" --index "$SLURM_ARRAY_TASK_ID/$N"
fi

# mpam ends with 1 where units cannot be run: the others are merged all the same.
array=$(sbatch --parsable --export=ALL,PLAN,N,STORE --job-name=mpam-sweep --array="0-$((N - 1))" \
  --cpus-per-task=1 --mem=4G --time=04:00:00 --requeue "$0")
sbatch --export=ALL,PLAN,N,STORE --job-name=mpam-merge --dependency="afterany:$array" --time=00:30:00 \
  --wrap='mpam sweep merge --plan "$PLAN" --store "$STORE" --report "$STORE/answer.html"'
