namespace ConvoyRedis.Tool.Completion;

/// <summary>
/// The scripts. Each asks the command itself what fits at the cursor (System.CommandLine's directive <c>suggest</c>, which takes the line without the
/// command's name), so that none of them has to be changed with an option. Where nothing fits, the shell completes file names.
/// </summary>
internal static class CompletionScripts
{
    public static IReadOnlyDictionary<string, string> All { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["bash"] =
            """
            # Completion of convoy-redis for bash: source <(convoy-redis completion bash)
            _convoy_redis() {
                local command=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
                local line=${COMP_LINE:0:COMP_POINT}
                line=${line#*"$command"}
                line=${line# }
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$("$command" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$word"))
            }
            complete -o default -F _convoy_redis convoy-redis

            """,
        ["fish"] =
            """
            # Completion of convoy-redis for fish: convoy-redis completion fish > ~/.config/fish/completions/convoy-redis.fish
            function __convoy_redis_complete
                set -l words (commandline --cut-at-cursor --current-process --tokenize) (commandline --cut-at-cursor --current-token)
                set -l line (string join ' ' -- $words[2..-1])
                set -l fitting ($words[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null | string match --regex '.+')
                if test (count $fitting) -gt 0
                    printf '%s\n' $fitting
                else
                    __fish_complete_path (commandline --current-token)
                end
            end
            complete --command convoy-redis --no-files --arguments '(__convoy_redis_complete)'

            """,
        ["zsh"] =
            """
            #compdef convoy-redis
            # Completion of convoy-redis for zsh: source <(convoy-redis completion zsh), after compinit
            _convoy_redis() {
                local line="${(j: :)words[2,CURRENT]}"
                local -a fitting
                fitting=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
                fitting=(${fitting:#})
                if (( ${#fitting} )); then compadd -a fitting; else _files; fi
            }
            compdef _convoy_redis convoy-redis

            """,
    };
}
