#!/bin/sh
# The agent as a program, on files: mpam run -p private-l2.yaml --replay POLITE GREEDY --loop -- sh agent.test.sh
# Inside, /sys/fs/resctrl is that of the emulated machine, and model time goes with that of the wall.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd /sys/fs/resctrl

# The threads of the traces are in the default group at first; the lower number is that of the greedy one.
mkdir polite greedy
sort -n tasks | head -n 1 >greedy/tasks
cat tasks >polite/tasks

node "$here/agent.mjs" polite 700 &
agent=$!
trap 'kill $agent' EXIT

for _ in $(seq 100); do
  if grep -q 'L3:0=f$' greedy/schemata; then
    echo "ok: the greedy one is confined"
    exit 0
  fi
  sleep 0.1
done
echo "not ok: after ten seconds the greedy one has $(cat greedy/schemata)" >&2
exit 1
