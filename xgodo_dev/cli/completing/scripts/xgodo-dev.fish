# Completion of xgodo-dev in fish.
function __xgodo_dev_completion
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l current (commandline --cut-at-cursor --current-token)
    set -l program $words[1]
    set --erase words[1]
    for line in (_XGODO_DEV_COMPLETE=fish $program $words "$current" 2>/dev/null)
        set -l parts (string split --max 2 \t -- $line)
        switch $parts[1]
            case word
                printf '%s\t%s\n' $parts[2] $parts[3]
            case file dir
                # Of `--option=path`, the path alone.
                set -l before (string match --regex -- '^--[^=]*=' "$current")
                set -l path (string replace --regex -- '^--[^=]*=' '' "$current")
                if test $parts[1] = dir
                    string join \n -- "$before"(__fish_complete_directories "$path" '')
                else
                    string join \n -- "$before"(__fish_complete_path "$path")
                end
        end
    end
end
complete --command xgodo-dev --no-files --keep-order --arguments '(__xgodo_dev_completion)'
