# shellcheck shell=bash
# What the demonstration puts on the screen: lines with the time, bars, and one line that changes in place.

screen_init() {
	exec {screen}>&1
	tty='' paint='' marks=(_ . - : '=' + '*' '#') full='#'
	[ ! -t 1 ] || tty=$'\r\e[K'
	if [ -z "${NO_COLOR:-}" ] && [ -n "$tty${CLICOLOR_FORCE:-}" ]; then paint=yes; fi
	[ "$(locale charmap 2>/dev/null)" != UTF-8 ] || marks=(▁ ▂ ▃ ▄ ▅ ▆ ▇ █) full=█
}

# colour good|bad|dim|strong TEXT
colour() {
	local code
	case ${paint:+$1} in
	good) code=32 ;;
	bad) code=31 ;;
	dim) code=2 ;;
	strong) code=1 ;;
	*) printf '%s' "$2"; return ;;
	esac
	printf '\e[%sm%s\e[0m' "$code" "$2"
}

elapsed() { printf '%2d:%02d' $((SECONDS / 60)) $((SECONDS % 60)); }

# timed TEXT and plain TEXT stay. live TEXT is replaced by what comes next; only a terminal shows it.
timed() { printf '%s%s  %s\n' "$tty" "$(colour dim "$(elapsed)")" "$*" >&"$screen"; }
plain() { printf '%s%s\n' "$tty" "$*" >&"$screen"; }
live() { [ -z "$tty" ] || printf '%s%s  %s' "$tty" "$(colour dim "$(elapsed)")" "$*" >&"$screen"; }

# live_start TEXT: the line shows that time goes by, until live_stop.
ticker=
live_start() {
	[ -n "$tty" ] || return 0
	(while :; do live "$1"; sleep 1; done) &
	ticker=$!
}
live_stop() {
	[ -n "$ticker" ] || return 0
	kill "$ticker"
	wait "$ticker" 2>/dev/null || test $? -gt 128
	ticker=
}

# bar NUMBER: one character a unit.
bar() {
	local n text
	printf -v n '%.0f' "$1"
	printf -v text '%*s' "$n" ''
	printf '%s' "${text// /$full}"
}

# spark TOP NUMBER...: one character a number.
spark() {
	local top=$1 v n
	shift
	for v; do
		n=$((${v%.*} * ${#marks[@]} / top))
		[ $n -lt ${#marks[@]} ] || n=$((${#marks[@]} - 1))
		printf '%s' "${marks[$n]}"
	done
}
