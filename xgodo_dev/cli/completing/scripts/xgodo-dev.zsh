#compdef xgodo-dev
# Completion of xgodo-dev in zsh.
_xgodo-dev() {
    local -a answer parts completions remarks
    local line
    answer=("${(@f)$(_XGODO_DEV_COMPLETE=zsh "${(Q)~words[1]}" "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    for line in $answer; do
        parts=("${(@ps:\t:)line}")
        case $parts[1] in
            word)
                completions+=("$parts[2]")
                remarks+=("$parts[2]${parts[3]:+  -- $parts[3]}")
                ;;
            file) compset -P '--*='; _files; return ;;
            dir) compset -P '--*='; _files -/; return ;;
        esac
    done
    (( $#completions )) && compadd -U -l -V xgodo-dev -d remarks -a completions
}
# A file of $fpath is the function's body when it is called first, and defines it for later; else it is sourced.
if [[ $funcstack[1] == _xgodo-dev ]]; then
    _xgodo-dev "$@"
else
    compdef _xgodo-dev xgodo-dev
fi
