# meed.bash - completion for bash. Options come from `meed COMMAND --help`, names from
# `meed list --names` with the -c and --plugin-dir already typed.

# Each -c and --plugin-dir on the line with its value, as arguments for another call. Quotes and
# backslashes are taken off, and ~ is the home folder; nothing else is expanded.
_meed_conf_args()
{
	local i option value
	for ((i = 1; i < ${#words[@]}; i++)); do
		option=${words[i]}
		case $option in
		-c | --config | --plugin-dir)
			[[ ${words[i + 1]-} != "=" ]] || ((i++))
			((++i < ${#words[@]} && i != cword)) || continue
			value=${words[i]/#"~/"/$HOME/}
			;;
		-c?*)
			((i != cword)) || continue
			option=-c value=${words[i]#-c}
			;;
		*)
			continue
			;;
		esac
		printf '%s\n' "$option" "${value//[\"\'\\]/}"
	done
}

_meed_names()
{
	local args
	mapfile -t args < <(_meed_conf_args)
	mapfile -t COMPREPLY < <(compgen -W "$("$meed" list --names "${args[@]}" 2>/dev/null)" -- "$cur")
}

_meed_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_meed_files()
{
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

_meed()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
	local cmd=${words[1]} commands="score eval best refine correct conflicts merge import data export annotate report health list info graph check doctor run math plugin help"
	local meed=${words[0]/#"~/"/$HOME/}
	COMPREPLY=()

	# --option=value comes in three words
	if [[ $cur == "=" && $prev == --* ]]; then
		cur=
	elif [[ $prev == "=" && $cword -gt 2 ]]; then
		prev=${words[cword - 2]}
	fi

	if ((cword == 1)); then
		_meed_words "$commands --help --version"
		return
	fi
	if [[ $cmd == help ]]; then
		((cword > 2)) || _meed_words "$commands"
		return
	fi
	if [[ $cmd == plugin ]]; then
		if ((cword == 2)); then
			_meed_words "new check --help"
			return
		fi
		cmd="plugin ${words[2]}"
	fi
	if [[ $cmd == math ]]; then
		if ((cword == 2)); then
			_meed_words "parse equal --help"
			return
		fi
		cmd="math ${words[2]}"
	fi

	if [[ $cmd == data || $cmd == export ]]; then
		if ((cword == 2)); then
			_meed_words "$("$meed" $cmd --help 2>/dev/null |
				sed -n 's/^  \([a-z_]*\)  .*/\1/p') --help"
			[[ $cmd == export || run != "$cur"* ]] || COMPREPLY+=(run)
			return
		fi
		cmd="$cmd ${words[2]}"
		if [[ $cmd == "data run" && $cur != -* && $cword -eq 3 ]]; then
			local args
			mapfile -t args < <(_meed_conf_args)
			_meed_words "$("$meed" list --names --kind pipeline "${args[@]}" 2>/dev/null)"
			return
		fi
	fi
	if [[ $cmd == annotate ]]; then
		if ((cword == 2)); then
			_meed_words "out in agree --help"
			return
		fi
		cmd="annotate ${words[2]}"
	fi

	case "$cmd $prev" in
	"list --json" | "info --json" | "run --json") prev= ;;
	"data annotations --file") prev=-o ;;
	esac
	case $prev in
	-m | --model)
		_meed_names
		return
		;;
	--format)
		if [[ $cmd == graph ]]; then
			_meed_words "text dot svg"
		else
			_meed_words "auto canonical preference responses messages verl rewardbench rewardbench2 rmbench rmb_pairwise rmb_bon judgebench llmbar pandalm prmbench bon_math helpsteer2 helpsteer2_pairwise helpsteer2_preference helpsteer3 trl alpaca"
		fi
		return
		;;
	--container)
		_meed_words "auto jsonl json csv tsv parquet"
		return
		;;
	-f)
		_meed_words "text dot svg"
		return
		;;
	--by)
		[[ $cmd != conflicts ]] || _meed_words "pairs members labels"
		return
		;;
	--answer)
		_meed_words "text last"
		return
		;;
	--vote)
		_meed_words "majority weighted"
		return
		;;
	--equal)
		_meed_words "text math"
		return
		;;
	--with)
		_meed_names
		return
		;;
	-k | --kind)
		[[ $cmd == eval ]] || _meed_words "composition instance model pipeline"
		return
		;;
	--level)
		_meed_words "score reason full"
		return
		;;
	--progress)
		_meed_words "auto none json"
		return
		;;
	--output)
		[[ $cmd == run ]] || _meed_files
		return
		;;
	--canaries)
		_meed_names
		return
		;;
	--html | --json | --csv | --run | --dropped | --unchosen | --cache | --record | --replay)
		_meed_files
		return
		;;
	--keep)
		[[ $cmd != best && $cmd != correct ]] || return
		_meed_files
		return
		;;
	--csv-table | --limit | --range)
		return
		;;
	-c | --config | -o | --rejects | --summary-json | --stdin)
		_meed_files
		return
		;;
	--ties)
		_meed_words "wrong half"
		return
		;;
	--against | --also)
		_meed_files
		return
		;;
	--k | --*-at | --threshold | --bins | --bootstrap | --confidence | --repeat | --composition | --detail)
		return
		;;
	--plugin-dir | -d | --dir)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--file | --fetch | --wall | --cpu | --memory | --disk | --processes)
		return
		;;
	-s | --set | --map | --group-by | --shard | --json-cells | --source | --category | -t | --threads | --window | --seed | --rounds | --id)
		return
		;;
	esac

	if [[ $cur == -* ]]; then
		# shellcheck disable=SC2086
		_meed_words "$("$meed" $cmd --help 2>/dev/null |
			sed -n 's/^  *\(-., \)\{0,1\} *\(--[a-z-]*\).*/\2/p')"
		return
	fi
	case $cmd in
	info | graph)
		_meed_names
		;;
	eval)
		if ((cword == 2)); then
			_meed_words "$("$meed" eval --list 2>/dev/null | sed '1d; s/ .*//')"
		else
			_meed_files
		fi
		;;
	score | best | refine | correct | conflicts | merge | import | report | health | run | "plugin check" | data* | export* | annotate*)
		_meed_files
		;;
	esac
}

complete -F _meed meed
