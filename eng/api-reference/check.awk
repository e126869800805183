# Reads docfx's model of the API (api/*.yml). Prints, and fails on, what docfx accepts: public members without a summary, and references to what has no page.
function done() {
    if (uid != "" && section == "items") {
        pages[uid] = 1
        if (!described && !generated) complain(uid " has no summary")
    } else if (uid != "" && !elsewhere) {
        cited[uid] = type
    }
    uid = ""
}
function complain(what) { print "error: " what > "/dev/stderr"; failed = 1 }

/^items:/ { done(); section = "items" }
/^references:/ { done(); section = "references" }
/^- uid: / {
    done()
    uid = substr($0, 8)
    type = FILENAME
    gsub(/.*\/|\.yml$/, "", type)
    described = elsewhere = 0
    # The constructor that the compiler adds.
    generated = uid ~ /\.#ctor$/
}
/^  summary: / { described = 1 }
/^  type: Namespace/ { generated = 1 }

# A link to another site; a generic type, whose definition is a reference of its own; a heading. The dependencies named here have no such site.
/^  (href|definition): / || /^  commentId: (N|Overload):/ { elsewhere = 1 }
/^- uid: (System\.|StackExchange\.Redis\.|OpenTelemetry\.(Metrics\.Meter|Trace\.Tracer)ProviderBuilder$)/ { elsewhere = 1 }

END {
    done()
    for (one in cited) if (!(one in pages)) complain(cited[one] " refers to " one ", which is not public")
    for (one in pages) found++
    if (!found) complain("there is no public type")
    exit failed
}
