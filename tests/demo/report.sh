# shellcheck shell=bash
# What the guest tells (see cases/two-links.sh): shown as it comes, kept for the tables of the end.

declare -A mbit=() cpu=() silence=() mean=() p99=()
facts=() rates1=() rates2=() events=() event_at=() event_silence=() story=''
link_rate=20
# What each link can carry now: the full height of what is drawn.
tops=("$link_rate" "$link_rate")

told() {
	local kind rest
	read -r kind rest <<<"$1"
	case $kind in
	say) timed "$rest" ;;
	rate) told_rate "${rest% *}" "${rest#* }" ;;
	flow) told_flow "${rest%% *}" "${rest#* }" ;;
	story) story=${rest#end} ;;
	event) told_event "${rest%% *}" "${rest#* }" ;;
	silence)
		silence[${rest% *}]=${rest#* }
		timed "    longest silence of the ping: ${rest#* } s"
		;;
	fact) facts+=("$rest") ;;
	links) read -ra tops <<<"$rest" ;;
	beside) told_beside "${rest%% *}" "${rest#* }" ;;
	esac
}

told_rate() {
	live "    link 1 $(printf '%5s' "$1") $(colour good "$(spark "${tops[0]}" "$1")")   link 2 $(printf '%5s' "$2") $(colour good "$(spark "${tops[1]}" "$2")")   Mbit/s"
	[ -n "$story" ] || return 0
	rates1+=("$1") rates2+=("$2")
}

told_flow() {
	local key=$1 direction rate busy
	read -r direction rate busy <<<"$2"
	key+=-$direction
	mbit[$key]=$rate
	printf -v "cpu[$key]" '%.0f' "$busy"
	timed "    ${direction}load: $(colour strong "$rate Mbit/s")"
}

# What has no tunnel has no ping through one.
told_beside() {
	local rate ping=''
	read -r rate "mean[$1]" "p99[$1]" <<<"$2"
	mbit[differ-$1]=$rate
	[ "$1" = mptcp ] || ping=", the ping beside it: $(colour strong "$(printf '%.0f ms' "${mean[$1]}")")"
	timed "    upload: $(colour strong "$rate Mbit/s")$ping"
}

told_event() {
	timed "    $2"
	event_silence+=("$1") events+=("$2") event_at+=(${#rates1[@]})
}

# row KEY LABEL STYLE
row() { plain "$(printf '  %-46s %6.1f %5d %%  %s' "$2" "${mbit[$1]}" "${cpu[$1]}" "$(colour "$3" "$(bar "${mbit[$1]}")")")"; }

report_flows() {
	plain "$(colour strong "$(printf '  %-46s %6s %7s' "One TCP flow, two links of $link_rate Mbit/s" Mbit/s CPU)")"
	row tcp-up 'no tunnel, TCP, one link' dim
	row mptcp-up 'no tunnel, MPTCP, both links' dim
	row userspace-up 'OpenVPN in userspace, both links' dim
	row one-up 'OpenVPN offloaded, one link' good
	row both-up 'OpenVPN offloaded, both links' good
	row both-down '    download' good
	plain "$(colour dim '  CPU: how busy the one emulated processor is, with both ends of the tunnel and of the test on it')"
}

# differ KEY LABEL STYLE: a character for three Mbit/s.
differ() {
	local ping=''
	[ "$1" = mptcp ] || printf -v ping '%.0f ms (%.0f)' "${mean[$1]}" "${p99[$1]}"
	plain "$(printf '  %-46s %6.1f %15s  %s' "$2" "${mbit[differ-$1]}" "$ping" "$(colour "$3" "$(bar "$(awk "BEGIN { print ${mbit[differ-$1]} / 3 }")")")")"
}
report_differ() {
	plain "$(colour strong "$(printf '  %-46s %6s %15s' "80 Mbit/s that lose 0.5 %, and 30 Mbit/s" Mbit/s 'ping beside it')")"
	differ mptcp 'no tunnel, MPTCP' dim
	differ userspace 'OpenVPN in userspace' dim
	differ offloaded 'OpenVPN offloaded' good
	plain "$(colour dim '  The ping goes through the same tunnel; in brackets what 99 of 100 do not exceed')"
}

report_story() {
	local i row
	plain "$(colour strong '  One long flow: what each link carries, one character for half a second')"
	plain "  link 1  $(colour good "$(spark $link_rate "${rates1[@]}")")"
	plain "  link 2  $(colour good "$(spark $link_rate "${rates2[@]}")")"
	printf -v row '%*s' $((${#rates1[@]} + 1)) ''
	for i in "${!events[@]}"; do row=${row:0:event_at[i]}$((i + 1))${row:event_at[i]+1}; done
	plain "          $row"
	plain "$(colour dim "$(printf '%-66s %s' '' 'longest silence of a ping')")"
	plain "$(colour dim "$(printf '%-66s %s' '' 'this flow  idle tunnel')")"
	for i in "${!events[@]}"; do plain "$(printf '          %d  %-52s %s' $((i + 1)) "${events[$i]}" "$(silences "${event_silence[$i]}")")"; done
}

# silences KEY: how long the ping stayed without an answer after this event, if it is a loss.
silences() {
	[ "$1" = - ] || printf '%5.2f s   %5.2f s' "${silence[$1]}" "${silence[idle-${1#load-}]}"
}

report() {
	local fact
	plain
	report_flows
	plain
	report_story
	plain
	report_differ
	plain
	for fact in "${facts[@]}"; do plain "  $fact"; done
}
