# meed.bash - completion for bash. Options come from `meed COMMAND --help`, names from
# `meed list --names` with the -c and --plugin-dir already typed.

# The value of each -c and --plugin-dir on the line, as arguments for another call.
_meed_conf_args()
{
	local i
	for ((i = 1; i + 1 < ${#words[@]}; i++)); do
		case ${words[i]} in
		-c | --config | --plugin-dir)
			((i + 1 == cword)) || printf '%s\n' "${words[i]}" "${words[i + 1]}"
			;;
		esac
	done
}

_meed_names()
{
	local args
	mapfile -t args < <(_meed_conf_args)
	mapfile -t COMPREPLY < <(compgen -W "$("${words[0]}" list --names "${args[@]}" 2>/dev/null)" -- "$cur")
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
	COMPREPLY=()

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
			_meed_words "$("${words[0]}" $cmd --help 2>/dev/null |
				sed -n 's/^  \([a-z_]*\)  .*/\1/p') --help"
			[[ $cmd == export || run != "$cur"* ]] || COMPREPLY+=(run)
			return
		fi
		cmd="$cmd ${words[2]}"
		if [[ $cmd == "data run" && $cur != -* && $cword -eq 3 ]]; then
			local args
			mapfile -t args < <(_meed_conf_args)
			_meed_words "$("${words[0]}" list --names --kind pipeline "${args[@]}" 2>/dev/null)"
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
		_meed_words "pairs members labels"
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
	--html | --json | --csv | --run | --dropped | --unchosen)
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
	--k | --by | --*-at | --threshold | --bins | --bootstrap | --confidence | --repeat | --composition | --detail)
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
		_meed_words "$("${words[0]}" $cmd --help 2>/dev/null |
			sed -n 's/^  *\(-., \)\{0,1\} *\(--[a-z-]*\).*/\2/p')"
		return
	fi
	case $cmd in
	info | graph)
		_meed_names
		;;
	eval)
		if ((cword == 2)); then
			_meed_words "$("${words[0]}" eval --list 2>/dev/null | sed '1d; s/ .*//')"
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
