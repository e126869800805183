# Prints, from Cobertura files, how many lines of each library under src/ were run through by any of the test assemblies.
match($0, /<source>[^<]*/) {
    root = substr($0, RSTART + 8, RLENGTH - 8)
}
match($0, /filename="[^"]*"/) {
    file = root substr($0, RSTART + 10, RLENGTH - 11)
    library = ""
    if (match(file, /\/src\/[^\/]*\//) && file !~ /\/obj\//)
        library = substr(file, RSTART + 5, RLENGTH - 6)
}
library != "" && match($0, /<line number="[0-9]+" hits="[0-9]+"/) {
    split(substr($0, RSTART, RLENGTH), part, "\"")
    line = file ":" part[2]
    if (!(line in seen)) {
        seen[line] = library
        lines[library]++
    }
    if (part[4] > 0 && !(line in hit)) {
        hit[line] = 1
        hits[library]++
    }
}
END {
    for (library in lines)
        printf "Line coverage of %s: %.1f %% of %d lines\n", library, 100 * hits[library] / lines[library], lines[library] | "sort"
}
