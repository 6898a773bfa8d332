# Completion of xgodo-dev in bash.
_xgodo_dev_completion() {
    local kind word
    COMPREPLY=()
    while IFS=$'\t' read -r kind word; do
        case $kind in
            word) COMPREPLY+=("$word") ;;
            file) compopt -o default 2>/dev/null ;;
            dir) compopt -o dirnames 2>/dev/null ;;
        esac
    done < <(_XGODO_DEV_COMPLETE=bash "${1/#\~\//$HOME/}" "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
}
complete -o nosort -F _xgodo_dev_completion xgodo-dev 2>/dev/null ||
    complete -o default -F _xgodo_dev_completion xgodo-dev
