#!/bin/sh
# Become the first Python on the PATH that really runs and is new enough to bootstrap; a pyenv shim may not.
new_enough='import sys; sys.exit(sys.version_info < (3, 9))'
here=$(dirname "$0")/..
IFS=:
for folder in "$here/.venv/bin" $PATH; do
    for name in python3 python3.13 python3.14 python3.12 python3.11 python; do
        if [ -x "$folder/$name" ] && "$folder/$name" -c "$new_enough" >/dev/null 2>&1; then
            exec "$folder/$name" "$@"
        fi
    done
done
echo "Handrail needs a Python of at least 3.9 to begin with, and found none on the PATH. Install python3, then start again." >&2
exit 1
