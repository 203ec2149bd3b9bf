#!/usr/bin/env bash
# Makes the pictures of the README from real runs: a rollout in a terminal, and the report
# of one. It needs tmux and Chromium; make pictures runs it.
set -euo pipefail
cd "$(dirname "$0")/.."

freeze=github.com/charmbracelet/freeze@v0.2.2 # draws what a terminal shows
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
work=$(mktemp -d)
socket="$work/tmux"
trap 'tmux -S "$socket" kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/slipway" ./cmd/slipway

# The rollout, at the moment at which both versions run. Without CI, there is a view.
env -u CI -u NO_COLOR TERM=xterm-256color tmux -S "$socket" -f /dev/null new-session -d -x 80 -y 26 \
  "$work/slipway rehearse --speed 10; sleep 60"
for _ in $(seq 600); do
  screen=$(tmux -S "$socket" capture-pane -p)
  if grep -q "[1-9] of 2 running, .*healthy" <<<"$screen"; then break; fi
  sleep 0.1
done
# A reset of the colour alone is nothing that freeze knows.
tmux -S "$socket" capture-pane -e -p | sed 's/\x1b\[39m/\x1b[0m/g' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$work/rollout.ansi"
go run "$freeze" "$work/rollout.ansi" --output docs/pictures/rollout.svg --language ansi --window \
  --padding 16 --font.size 13 --font.family monospace --font.ligatures=false

# The report of a rollout in which requests are lost, since that has most to show.
"$work/slipway" rehearse --early-sigterm --image :v1=abrupt,latency=6s --report "$work/report.html" >/dev/null 2>&1 || [ $? = 7 ]
"$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/profile" \
  --window-size=1000,1420 --screenshot="$PWD/docs/pictures/report.png" "file://$work/report.html" >/dev/null 2>&1
ls -l docs/pictures
