#!/usr/bin/env bash
# Hears from the tests, one word and one value a line, what they have started and ended, made and removed. When they are
# gone, however they went, it ends the sessions and removes the folders that are left.
trap '' INT TERM HUP
declare -A sessions=() folders=()
while read -r word value; do
    case $word in
        started) sessions[$value]=1 ;;
        ended) unset "sessions[$value]" ;;
        made) folders[$value]=1 ;;
        removed) unset "folders[$value]" ;;
    esac
done
for session in "${!sessions[@]}"; do
    ps -o pid= -s "$session" | xargs -r kill -KILL 2>/dev/null
done
for folder in "${!folders[@]}"; do
    case $folder in /tmp/va-??????) rm -rf "$folder" ;; esac
done
